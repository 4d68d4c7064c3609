using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Decoding;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Inference;

/// <summary>Token by token over a cache of keys and values, held against the whole sequence at once.</summary>
public sealed class CausalTokenModelTests
{
    private const int Vocabulary = 11;

    /// <summary>Past a block of 128 keys, and past two doublings of the cache.</summary>
    private const int Length = 140;

    private static readonly Dictionary<string, Func<Sequential>> s_models = new()
    {
        ["sinusoids, tied"] = () =>
        {
            var embedding = new Embedding(Vocabulary, 12, paddingIndex: 0);
            return new Sequential(seed: 3) { embedding, new PositionalEncoding(), new TransformerEncoder(2, 3, 20) { Causal = true, Activation = "gelu", Dropout = 0.3f }, new TiedDense(embedding) };
        },
        ["trained, pre-norm, softmax"] = () => new(seed: 4) { new Embedding(Vocabulary, 8), new PositionEmbedding(Length), new TransformerEncoder(1, 2, 9) { Causal = true, NormFirst = true }, new Dense(Vocabulary, "softmax") },
        ["rotary, in other layers"] = () => new(seed: 5)
        {
            new Embedding(Vocabulary, 6), new Dropout(0.4f),
            new Residual(new Stack(new LayerNormalization(), new MultiHeadAttention(2, 34) { Causal = true, RotaryBase = 100, ValueSize = 5, UseBias = false })),
            new Dense(Vocabulary),
        },
    };

    public static TheoryData<string> Names => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_step_has_the_bits_of_the_whole_sequence(string name)
    {
        Sequential model = s_models[name]();
        int[][] tokens = [Tokens(1), Tokens(2), Tokens(3)];
        var stepwise = new CausalTokenModel(model, 3);
        float[][] whole = [.. tokens.Select(row => Whole(model, row))];
        float[] logits = new float[3 * Vocabulary];
        for (int t = 0; t < Length; t++)
        {
            Assert.Equal(t, stepwise.Position);
            stepwise.Step([tokens[0][t], tokens[1][t], tokens[2][t]], logits);
            for (int row = 0; row < 3; row++)
                Assert.Equal(whole[row].AsSpan(t * Vocabulary, Vocabulary).ToArray(), logits[(row * Vocabulary)..((row + 1) * Vocabulary)]);
        }
    }

    [Fact]
    public void Rows_that_are_dropped_repeated_and_moved_go_on_as_what_they_were()
    {
        Sequential model = s_models["sinusoids, tied"]();
        var stepwise = new CausalTokenModel(model, 2);
        List<int>[] rows = [[], []];
        int[][] selections = [[1, 1, 0, 1], [3, 3, 2, 0, 0], [4], [0, 0, 0], [2, 1, 0], [1], [0, 0, 0, 0, 0, 0, 0, 0, 0]];
        for (int t = 0; t < 70; t++)
        {
            for (int row = 0; row < rows.Length; row++) rows[row].Add(1 + (7 * t + 3 * row + t * row) % (Vocabulary - 1));
            float[] logits = new float[rows.Length * Vocabulary];
            stepwise.Step([.. rows.Select(row => row[^1])], logits);
            if (t % 10 == 9)
                for (int row = 0; row < rows.Length; row++)
                    Assert.Equal(Whole(model, [.. rows[row]])[(t * Vocabulary)..], logits[(row * Vocabulary)..((row + 1) * Vocabulary)]);
            int[] sources = selections[t % selections.Length];
            if (sources.Max() >= rows.Length) continue;
            stepwise.Select(sources);
            rows = [.. sources.Select(source => new List<int>(rows[source]))];
        }
    }

    [Fact]
    public void A_decoder_listens_to_the_encoder_as_in_one_pass()
    {
        LayerOutput ids = Input.Of(new Shape(-1, -1)), memory = Input.Of(new Shape(-1, -1, 5));
        LayerOutput embedded = new PositionalEncoding().Of(new Embedding(Vocabulary, 8).Of(ids));
        var decoder = new Model([ids, memory], [new Dense(Vocabulary, "softmax").Of(new TransformerDecoder(2, 2, 12).Of(embedded, memory))], seed: 6);
        float[] numbers = [.. Enumerable.Range(0, 3 * 4 * 5).Select(i => (float)Math.Sin(1.3 * i * i + i))];
        int[] lengths = [2, 4, 1];
        Tensor heard = Tensor.FromArray(numbers, 3, 4, 5).WithLengths(lengths);
        var stepwise = new CausalTokenModel(decoder, heard);
        int[] sources = [0, 1, 2];
        List<int>[] rows = [[], [], []];
        for (int t = 0; t < 9; t++)
        {
            for (int row = 0; row < rows.Length; row++) rows[row].Add((5 * t + 3 * row + 1) % Vocabulary);
            float[] logits = new float[rows.Length * Vocabulary];
            stepwise.Step([.. rows.Select(row => row[^1])], logits);
            for (int row = 0; row < rows.Length; row++)
            {
                int from = sources[row];
                Tensor alone = Tensor.FromArray(numbers.AsSpan(from * 20, lengths[from] * 5), 1, lengths[from], 5);
                float[] whole = decoder.Forward([Tensor.FromTokens([[.. rows[row]]]), alone], new Pass(new Tape(false)), beforeActivation: true)[0].ToArray();
                Assert.Equal(whole[(t * Vocabulary)..], logits[(row * Vocabulary)..((row + 1) * Vocabulary)]);
            }
            int[] next = t % 3 == 0 ? [2, 0, 2, 1] : [1, 0, 2];
            stepwise.Select(next);
            (rows, sources) = ([.. next.Select(i => new List<int>(rows[i]))], [.. next.Select(i => sources[i])]);
        }
    }

    [Fact]
    public void A_warm_step_allocates_nothing_until_the_cache_grows()
    {
        var stepwise = new CausalTokenModel(s_models["sinusoids, tied"](), 2);
        float[] logits = new float[2 * Vocabulary];
        int[] tokens = [1, 2], sources = [1, 0], repeated = [0, 0];
        DividedWork.On(1, () =>
        {
            void Step()
            {
                stepwise.Step(tokens, logits);
                stepwise.Select(stepwise.Position % 2 == 0 ? sources : repeated);
            }
            while (stepwise.Position < 70) Step(); // the cache has grown to 128 steps
            Assert.Equal(0, ManagedAllocations.Of(() =>
            {
                for (int i = 0; i < 18; i++) Step(); // three tries stay below 128
            }));
            return 0;
        });
    }

    [Fact]
    public void It_generates_by_beam_and_by_lot_what_the_whole_passes_say()
    {
        Sequential model = s_models["rotary, in other layers"]();
        GeneratedSequence greedy = TokenGenerator.Run(new CausalTokenModel(model), new GenerationOptions { BeginToken = 1, MaximumLength = 12 })[0];
        List<int> expected = [1];
        for (int t = 0; t < 12; t++)
        {
            float[] logits = Whole(model, [.. expected])[^Vocabulary..];
            expected.Add(Array.IndexOf(logits, logits.Max()));
        }
        Assert.Equal(expected[1..], greedy.Tokens);
        GeneratedSequence best = BeamSearch.Run(new CausalTokenModel(model), new BeamOptions { BeginToken = 1, MaximumLength = 12, Width = 4 })[0][0];
        Assert.True(best.LogProbability >= greedy.LogProbability - 1e-4);
    }

    public static TheoryData<Func<object>, string> Refused => new()
    {
        { () => new CausalTokenModel(new Sequential { new Embedding(5, 4), new TransformerEncoder(1, 2, 4), new Dense(5) }), "found TransformerEncoder 'transformer_encoder'. Set Causal on self-attention" },
        { () => new CausalTokenModel(new Sequential { new Embedding(5, 4), new Lstm(4, returnSequences: true), new Dense(5) }), "found Lstm 'lstm'. Set Causal on self-attention; a model with recurrent layers goes step by step with OpenStream" },
        { () => new CausalTokenModel(new Sequential { new Embedding(5, 4), new Residual(new MultiHeadAttention(2, 2)), new Dense(5) }), "found MultiHeadAttention 'residual/multi_head_attention'" },
        { () => new CausalTokenModel(s_models["sinusoids, tied"](), 0), "expected at least one row, received 0" },
        { () => new CausalTokenModel(s_models["sinusoids, tied"](), Tensor.Zeros(1, 2, 3)), "expected a model of 2 inputs and one output, received 'sequential' with 1 and 1" },
        { () => new CausalTokenModel(new Sequential(new Shape(-1, -1, 4)) { new Dense(5) }), "expected a model of ids [?, ?] to [?, ?, tokens], received 'sequential' of [?, ?, 4] to [?, ?, 5]" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_model_that_cannot_go_step_by_step_is_refused(Func<object> make, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);

    [Fact]
    public void A_step_beyond_the_trained_positions_is_refused()
    {
        var stepwise = new CausalTokenModel(s_models["trained, pre-norm, softmax"]());
        float[] logits = new float[Vocabulary];
        for (int t = 0; t < Length; t++) stepwise.Step([1], logits);
        Assert.Contains("received 141", Assert.Throws<ArgumentException>(() => stepwise.Step([1], logits)).Message, StringComparison.Ordinal);
    }

    private static float[] Whole(Sequential model, int[] tokens) =>
        (model.FinalActivation is null ? model.Forward(Tensor.FromTokens([tokens]), new Pass(new Tape(false))) : model.ForwardBeforeActivation(Tensor.FromTokens([tokens]), new Pass(new Tape(false)))).ToArray();

    private static int[] Tokens(int seed) => [.. Enumerable.Range(0, Length).Select(t => (t * t * seed + 5 * t + seed) % Vocabulary)];
}
