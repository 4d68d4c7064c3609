using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Decoding;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Reference;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Layers;

public sealed class AttentiveDecoderTests
{
    private const int Vocabulary = 7, Width = 3, Units = 5, Written = 6, MemoryWidth = 4, StateWidth = 2;
    private static readonly int[][] s_tokens = [[1, 3, 6], [2], [], [4, 4, 0, 5, 1], [6, 2]];
    private static readonly int[] s_places = [4, 1, 3, 2, 6];

    private static readonly Tensor s_written = Tensor.FromTokens(s_tokens);
    private static readonly Tensor s_memory = Tensor.FromArray(RecurrentData.Numbers(5 * 6 * MemoryWidth, 1, 1.0), 5, 6, MemoryWidth).WithLengths(s_places);
    private static readonly Tensor s_state = Tensor.FromArray(RecurrentData.Numbers(5 * StateWidth, 2, 1.0), 5, StateWidth);

    private static Model Made(bool inputFeeding = false, bool scores = false, float dropout = 0, TeacherForcing? forcing = null, bool tied = false, SequenceLayer[]? recurrence = null)
    {
        LayerOutput tokens = Input.Of(new Shape(-1, -1)), memory = Input.Of(new Shape(-1, -1, MemoryWidth)), state = Input.Of(new Shape(-1, StateWidth));
        var decoder = new AttentiveDecoder(
            new Embedding(Vocabulary, Width, initializer: new RandomNormal(0, 1)), recurrence ?? [new Gru(Units, true)], new MultiplicativeAttention(), tied ? null : Written)
        {
            InputFeeding = inputFeeding,
            ReturnAttentionScores = scores,
            Dropout = dropout,
            TeacherForcing = forcing,
            TiedHead = tied,
        };
        return new Model([tokens, memory, state], [.. decoder.OutputsOf(tokens, memory, state)], seed: 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_weights_and_gradients_are_those_of_the_papers_equations(bool inputFeeding)
    {
        Model model = Made(inputFeeding, scores: true);
        var reference = new ReferenceDecoder(Vocabulary, Width, Units, Written, MemoryWidth, inputFeeding);
        double[][] parameters = [.. model.Parameters.Select(parameter => Array.ConvertAll(parameter.ToArray(), v => (double)v))];
        double[] memory = Array.ConvertAll(s_memory.ToArray(), v => (double)v), state = Array.ConvertAll(s_state.ToArray(), v => (double)v);
        double[] weighting = Array.ConvertAll(RecurrentData.Numbers(5 * 5 * Vocabulary, 4, 1.0), v => (double)v);

        (double[] Logits, double[] Weights) All()
        {
            double[] logits = new double[5 * 5 * Vocabulary], weights = new double[5 * 5 * 6];
            for (int b = 0; b < 5; b++)
            {
                (double[] one, double[] looked) = reference.Run(parameters, s_tokens[b], memory[(b * 6 * MemoryWidth)..((b * 6 + s_places[b]) * MemoryWidth)], state[(b * StateWidth)..((b + 1) * StateWidth)]);
                one.CopyTo(logits, b * 5 * Vocabulary);
                for (int t = 0; t < s_tokens[b].Length; t++) looked.AsSpan(t * s_places[b], s_places[b]).CopyTo(weights.AsSpan((b * 5 + t) * 6));
            }
            return (logits, weights);
        }
        (double[] expected, double[] expectedWeights) = All();
        double Loss() => All().Logits.Zip(weighting, (y, w) => y * w).Sum();

        var tape = new Tape();
        tape.Watch(s_memory);
        tape.Watch(s_state);
        Tensor[] outputs = model.Forward([s_written, s_memory, s_state], new Pass(tape));
        Agreement.Close("logits", expected, outputs[0].ToArray(), 1e-5);
        Agreement.Close("weights", expectedWeights, outputs[1].ToArray(), 1e-5);
        tape.Backward(outputs[0], Array.ConvertAll(weighting, v => (float)v));
        for (int p = 0; p < parameters.Length; p++)
            Agreement.Close(model.Parameters[p].Name, Differences(parameters[p], Loss), model.Parameters[p].GradientToArray(), 2e-5);
        Agreement.Close("memory", Differences(memory, Loss), tape.GradientOf(s_memory), 2e-5);
        Agreement.Close("state", Differences(state, Loss), tape.GradientOf(s_state), 2e-5);
        tape.Reset();
    }

    public static TheoryData<bool, string> Forms => new() { { false, "gru" }, { true, "gru" }, { false, "two" }, { true, "two" } };

    /// <summary>Attention that looks back at earlier weights, and words that are copied.</summary>
    public static TheoryData<string> LookingBack => new("coverage", "location", "copied", "copied and coverage");

    private static Model LooksBack(string form)
    {
        LayerOutput tokens = Input.Of(new Shape(-1, -1)), memory = Input.Of(new Shape(-1, -1, MemoryWidth)), words = Input.Of(new Shape(-1, -1));
        bool copies = form.StartsWith("copied", StringComparison.Ordinal);
        AttentionLayer attention = form switch
        {
            "location" => new LocationAwareAttention(5, 2, 3),
            "copied" => new MultiplicativeAttention(),
            _ => new AdditiveAttention(5) { UseCoverage = true },
        };
        var decoder = new AttentiveDecoder(
            new Embedding(Vocabulary, Width, initializer: new RandomNormal(0, 1)) { UnknownIndex = 1 }, [new Gru(Units, true)], attention, Written)
        { CopySlots = copies ? 2 : null };
        return copies ? new Model([tokens, memory, words], [decoder.Of(tokens, memory, words)], seed: 4) : new Model([tokens, memory], [decoder.Of(tokens, memory)], seed: 4);
    }

    [Theory]
    [MemberData(nameof(LookingBack))]
    public void Attention_that_looks_back_and_copied_words_step_to_the_bits_of_the_whole(string form)
    {
        Model model = LooksBack(form);
        bool copies = model.Inputs.Count == 3;
        int outputs = copies ? Vocabulary + 2 : Vocabulary;
        Tensor words = Tensor.FromTokens([.. s_places.Select((length, b) => Enumerable.Range(0, length).Select(j => (b + 4 * j) % (Vocabulary + 2)).ToArray())]);
        int[] sources = [4, 0, 4], last = copies ? [8, 7, 2] : [6, 5, 2];
        int[][] texts = [[1, 3, 6, last[0]], [1, 3, last[1], 5], [1, 0, 0, last[2]]];
        Tensor Of(Tensor all)
        {
            float[] numbers = all.ToArray();
            int each = numbers.Length / 5;
            Tensor some = Tensor.FromArray([.. sources.SelectMany(s => numbers[(s * each)..((s + 1) * each)])], all.Shape.Rank == 2 ? [3, 6] : [3, 6, MemoryWidth]);
            return some.WithLengths([.. sources.Select(s => s_places[s])]);
        }
        float[] whole = model.Predict(copies ? [Tensor.FromTokens(texts), Of(s_memory), Of(words)] : [Tensor.FromTokens(texts), Of(s_memory)])[0].ToArray();

        var session = new EncoderDecoderSession(model, copies ? [s_memory, words] : [s_memory]);
        Assert.Equal(outputs, session.VocabularySize);
        int[][] rows = [[0, 1], [1, 0, 2], [2, 1], [1, 2]]; // which texts: the longest source branches, the shorter ones end, at last one of each
        int[][] from = [[4, 0], [1, 0, 0], [2, 0], [1, 0]];
        for (int t = 0; t < rows.Length; t++)
        {
            session.Select(from[t]);
            float[] logits = new float[rows[t].Length * outputs];
            session.Step([.. rows[t].Select(text => texts[text][t])], logits);
            for (int r = 0; r < rows[t].Length; r++)
                Agreement.SameBits($"step {t}, row {r}", whole[((rows[t][r] * 4 + t) * outputs)..((rows[t][r] * 4 + t + 1) * outputs)], logits[(r * outputs)..((r + 1) * outputs)]);
        }
        if (!copies) return;
        for (int row = 0; row < whole.Length; row += outputs) Assert.Equal(1, whole.AsSpan(row, outputs).ToArray().Sum(log => Math.Exp(log)), 1e-5); // a distribution
    }

    [Fact]
    public void The_coverage_loss_is_what_is_attended_to_again()
    {
        LayerOutput tokens = Input.Of(new Shape(-1, -1)), memory = Input.Of(new Shape(-1, -1, MemoryWidth));
        var decoder = new AttentiveDecoder(new Embedding(Vocabulary, Width), [new Gru(Units, true)], new AdditiveAttention(5), Written) { CoveragePenalty = 0.5f, ReturnAttentionScores = true };
        var model = new Model([tokens, memory], [.. decoder.OutputsOf(tokens, memory)], seed: 4);
        var tape = new Tape();
        float[] weights = model.Forward([s_written, s_memory], new Pass(tape, Training: true))[1].ToArray();
        double expected = 0;
        for (int b = 0; b < 5; b++)
            for (int t = 1; t < s_tokens[b].Length; t++)
                for (int j = 0; j < 6; j++)
                    expected += Math.Min(weights[(b * 5 + t) * 6 + j], Enumerable.Range(0, t).Sum(earlier => (double)weights[(b * 5 + earlier) * 6 + j]));
        Assert.Equal(0.5 * expected / 11, Assert.Single(tape.Penalties).Item, 1e-6); // eleven tokens
        tape.Reset();
        model.Predict([s_written, s_memory]);
        Assert.Empty(tape.Penalties);
    }

    private static SequenceLayer[] Recurrence(string form) => form == "gru" ? [new Gru(Units, true)] : [new Lstm(4, true), new Gru(Units, true)];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Step_by_step_gives_the_bits_of_all_at_once_whatever_rows_are_kept(bool inputFeeding, string form)
    {
        Model model = Made(inputFeeding, recurrence: Recurrence(form));
        int[][] texts = [[1, 3, 6, 2], [1, 3, 5, 5], [1, 0, 0, 1], [2, 4, 4, 6], [2, 4, 1, 1]];
        int[] sources = [4, 4, 4, 0, 0];
        float[] memory = s_memory.ToArray(), state = s_state.ToArray();
        Tensor Of(float[] numbers, params int[] shape) => Tensor.FromArray([.. sources.SelectMany(s => numbers[(s * numbers.Length / 5)..((s + 1) * numbers.Length / 5)])], [5, .. shape]);
        float[] whole = model.Predict([Tensor.FromTokens(texts), Of(memory, 6, MemoryWidth).WithLengths([.. sources.Select(s => s_places[s])]), Of(state, StateWidth)])[0].ToArray();

        // Source 1 to 3 write nothing; those of 4 and 0 branch, change places, and one of them ends.
        var session = new EncoderDecoderSession(model, s_memory, s_state);
        int[][] rows = [[3, 0], [0, 3, 2], [3, 1, 0, 4], [1, 4, 3]]; // which texts, step by step
        int[][] from = [[0, 4], [1, 0, 1], [1, 0, 0, 1], [1, 3, 0]];
        for (int t = 0; t < rows.Length; t++)
        {
            session.Select(from[t]);
            float[] logits = new float[rows[t].Length * Vocabulary];
            session.Step([.. rows[t].Select(text => texts[text][t])], logits);
            for (int r = 0; r < rows[t].Length; r++)
                Agreement.SameBits($"step {t}, row {r}", whole[((rows[t][r] * 4 + t) * Vocabulary)..((rows[t][r] * 4 + t + 1) * Vocabulary)], logits[(r * Vocabulary)..((r + 1) * Vocabulary)]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_row_alone_has_the_bits_that_it_has_in_a_batch(bool inputFeeding)
    {
        Model model = Made(inputFeeding, scores: true);
        Tensor[] all = model.Predict([s_written, s_memory, s_state]);
        Tensor memory = Tensor.FromArray(s_memory.ToArray().AsSpan(3 * 6 * MemoryWidth, 2 * MemoryWidth), 1, 2, MemoryWidth);
        Tensor[] alone = model.Predict([Tensor.FromTokens([s_tokens[3]]), memory, Tensor.FromArray(s_state.ToArray().AsSpan(6, 2), 1, 2)]);
        Agreement.SameBits("logits", alone[0].ToArray(), all[0].ToArray()[(3 * 5 * Vocabulary)..(4 * 5 * Vocabulary)]);
        Assert.All(all[0].ToArray()[(2 * 5 * Vocabulary)..(3 * 5 * Vocabulary)], number => Assert.Equal(0f, number)); // a text without tokens
    }

    [Fact]
    public void Without_teacher_it_reads_in_training_what_it_holds_likeliest()
    {
        Model forced = Made(), own = Made(forcing: TeacherForcing.Constant(0));
        var tape = new Tape();
        float[] logits = own.Forward([s_written, s_memory, s_state], new Pass(tape, Training: true))[0].ToArray();
        tape.Reset();
        int[][] read = [.. s_tokens.Select(tokens => (int[])[.. tokens])];
        for (int b = 0; b < 5; b++)
            for (int t = 1; t < read[b].Length; t++)
            {
                float[] before = logits[((b * 5 + t - 1) * Vocabulary)..((b * 5 + t) * Vocabulary)];
                read[b][t] = Array.IndexOf(before, before.Max());
            }
        Assert.NotEqual(s_tokens[3], read[3]);
        Agreement.SameBits("logits", forced.Predict([Tensor.FromTokens(read), s_memory, s_state])[0].ToArray(), logits);
        Agreement.SameBits("in inference", forced.Predict([s_written, s_memory, s_state])[0].ToArray(), own.Predict([s_written, s_memory, s_state])[0].ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_learns_to_turn_sequences_round_and_a_search_finds_them(bool inputFeeding)
    {
        const int Count = 256, Length = 5, Letters = 6;
        int[][] words = [.. Enumerable.Range(0, Count).Select(i => Enumerable.Range(0, 2 + i % (Length - 1)).Select(t => 2 + (int)(new RandomStream(7, "words").Bits64(i * 16L + t) % Letters)).ToArray())];
        int[][] turned = [.. words.Select(word => word.Reverse().ToArray())];
        LayerOutput source = Input.Of(new Shape(-1, -1)), tokens = Input.Of(new Shape(-1, -1));
        var embedding = new Embedding(Letters + 2, 8, initializer: new RandomNormal(0, 1));
        (LayerOutput memory, IReadOnlyList<LayerOutput> state) = new Bidirectional(new Gru(12, true)).WithState(embedding.Of(source));
        var decoder = new AttentiveDecoder(embedding, [new Gru(24, true)], new MultiplicativeAttention()) { InputFeeding = inputFeeding, TiedHead = true };
        var model = new Model([source, tokens], [decoder.Of([tokens, memory, .. state])], seed: 1);
        Assert.DoesNotContain(model.Parameters, parameter => parameter.Name == "attentive_decoder/embedding/embeddings"); // shared
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy());
        var data = new Dataset([Tensor.FromTokens(words), Tensor.FromTokens([.. turned.Select(word => (int[])[0, .. word])])], [Tensor.FromTokens([.. turned.Select(word => (int[])[.. word, 1])])]);
        model.Fit(data, epochs: 40, batchSize: 32, options: new FitOptions { GlobalClipNorm = 1 });

        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Model loaded = Model.Load(file.Path);
        Agreement.SameBits("loaded", model.Predict(data.AllInputs)[0].ToArray(), loaded.Predict(data.AllInputs)[0].ToArray());
        IReadOnlyList<GeneratedSequence>[] found = BeamSearch.Run(
            new EncoderDecoderSession(loaded, Tensor.FromTokens(words[..64])) { KeepsAttention = true }, new BeamOptions { BeginToken = 0, EndToken = 1, MaximumLength = 8, Width = 3, CoveragePenalty = 0.1 });
        int right = Enumerable.Range(0, 64).Count(i => found[i][0].Tokens.SequenceEqual(turned[i]));
        Assert.True(right >= 62, $"{right} of 64 words turned round");
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_a_way_out()
    {
        static string Message(Func<object> make) => Assert.Throws<ArgumentException>(make).Message;
        LayerOutput tokens = Input.Of(new Shape(-1, -1)), memory = Input.Of(new Shape(-1, -1, 4)), state = Input.Of(new Shape(-1, 3));
        AttentiveDecoder Decoder(StateBridge bridge = StateBridge.Dense, bool tied = false, int? units = null) =>
            new(new Embedding(7, 3), [new Gru(5, true)], new MultiplicativeAttention(), units) { Bridge = bridge, TiedHead = tied };
        Assert.Contains("expected tokens [B, T], a memory", Message(() => Decoder().Of(tokens)), StringComparison.Ordinal);
        Assert.Contains("Give the encoder's last layer ReturnSequences", Message(() => Decoder().Of(tokens, state)), StringComparison.Ordinal);
        Assert.Contains("to copy the states it needs [?, 5]; received [?, 3]", Message(() => new Model([tokens, memory, state], [Decoder(StateBridge.Copy).Of(tokens, memory, state)])), StringComparison.Ordinal);
        Assert.Contains("as wide as its rows, 3; found units 9", Message(() => new Model([tokens, memory], [Decoder(tied: true, units: 9).Of(tokens, memory)])), StringComparison.Ordinal);
        Assert.Contains("give every step and read forward", Message(() => new AttentiveDecoder(new Embedding(7, 3), [new Gru(5)], new MultiplicativeAttention())), StringComparison.Ordinal);
        var model = new Model([tokens, memory], [Decoder().Of(tokens, memory)]);
        var session = new EncoderDecoderSession(model, s_memory);
        Assert.Contains("a token for each of 5 rows, received 2", Assert.Throws<ArgumentException>(() => session.Step([1, 2], new float[14])).Message, StringComparison.Ordinal);
        Assert.Contains("expected one AttentiveDecoder", Message(() => new EncoderDecoderSession(new Model(state, new Dense(2).Of(state)), s_state)), StringComparison.Ordinal);
    }

    private static double[] Differences(double[] numbers, Func<double> loss)
    {
        const double Step = 1e-5;
        var slopes = new double[numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            double kept = numbers[i];
            numbers[i] = kept + Step;
            double above = loss();
            numbers[i] = kept - Step;
            slopes[i] = (above - loss()) / (2 * Step);
            numbers[i] = kept;
        }
        return slopes;
    }
}
