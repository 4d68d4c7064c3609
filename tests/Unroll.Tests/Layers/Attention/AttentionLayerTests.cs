using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Reference;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Attention;

/// <summary>What holds for every layer of attention, with queries [5, 4, 3] and keys [5, 6, 3] of unequal lengths, some of them 0.</summary>
public sealed class AttentionLayerTests
{
    private const int Batch = 5, QuerySteps = 4, KeySteps = 6, Width = 3, ValueWidth = 4;
    private static readonly int[] s_queries = [3, 4, 0, 1, 4], s_keys = [6, 2, 3, 0, 5];

    private static readonly Dictionary<string, Func<AttentionLayer>> s_kinds = new()
    {
        ["dot"] = () => new MultiplicativeAttention(AttentionScore.Dot) { ReturnAttentionScores = true },
        ["general, scaled"] = () => new MultiplicativeAttention { Scaled = true, ReturnAttentionScores = true },
        ["additive"] = () => new AdditiveAttention(20) { ReturnAttentionScores = true },
        ["concat"] = () => new AdditiveAttention(5) { UseBias = false, ReturnAttentionScores = true },
        ["coverage"] = () => new AdditiveAttention(18) { UseCoverage = true, ReturnAttentionScores = true },
        ["location"] = () => new LocationAwareAttention(7, 2, 3) { ReturnAttentionScores = true },
        ["location and coverage, even kernel"] = () => new LocationAwareAttention(5, 3, 4) { UseCoverage = true, ReturnAttentionScores = true },
        ["local-m"] = () => new LocalAttention(1, LocalAlignment.Monotonic) { ReturnAttentionScores = true },
        ["local-p"] = () => new LocalAttention(2, score: AttentionScore.Dot) { ReturnAttentionScores = true },
    };

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Outputs_and_weights_are_those_of_the_equations(string kind)
    {
        AttentionLayer layer = Built(kind);
        Tensor[] found = Run(layer, Inputs(), new Pass(new Tape(recording: false)));
        (ReferenceTensor output, ReferenceTensor weights) = Reference(layer, layer.Parameters.ToDictionary(p => p.Name, Doubles), [.. Inputs().Select(Of)]);
        AssertClose(output.Values, found[0].ToArray());
        AssertClose(weights.Values, found[1].ToArray());
        Assert.Equal(s_queries, found[0].Lengths.ToArray());
        Assert.Equal(s_queries, found[1].Lengths.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_through_outputs_and_weights_are_those_of_differences(string kind)
    {
        AttentionLayer layer = Built(kind);
        Tensor[] inputs = Inputs();
        var tape = new Tape();
        foreach (Tensor input in inputs) tape.Watch(input);
        Tensor[] found = Run(layer, inputs, new Pass(tape, Training: true));
        float[] ofOutput = GradientCheck.Weights(found[0].Shape.Length), ofWeights = OperationEntry.Distinct(found[1].Shape.Length, 77);
        // One number that depends on both.
        tape.Backward(AddOp.Of(tape, Dot(tape, found[0], ofOutput), Dot(tape, found[1], ofWeights)));

        Dictionary<string, double[]> parameters = layer.Parameters.ToDictionary(p => p.Name, Doubles);
        ReferenceTensor[] references = [.. inputs.Select(Of)];
        double Loss()
        {
            (ReferenceTensor output, ReferenceTensor weights) = Reference(layer, parameters, references);
            return output.Values.Zip(ofOutput, (y, w) => y * w).Sum() + weights.Values.Zip(ofWeights, (y, w) => y * w).Sum();
        }
        foreach (Parameter parameter in layer.Parameters) AssertClose(Differences(parameters[parameter.Name], Loss), parameter.GradientToArray(), 2e-5);
        for (int i = 0; i < inputs.Length; i++) AssertClose(Differences(references[i].Values, Loss), tape.GradientOf(inputs[i]), 2e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_sequence_in_a_batch_has_the_bits_of_the_sequence_alone(string kind)
    {
        AttentionLayer layer = Built(kind);
        var pass = new Pass(new Tape(recording: false));
        Tensor[] all = Run(layer, Inputs(), pass);
        for (int b = 0; b < Batch; b++)
        {
            if (s_queries[b] == 0) continue;
            Tensor Alone(Tensor x, int length) => Tensor.FromArray(x.ToArray().AsSpan(b * x.Shape[1] * x.Features, length * x.Features), 1, length, x.Features);
            Tensor[] inputs = Inputs(), alone = Run(layer, [Alone(inputs[0], s_queries[b]), Alone(inputs[1], s_keys[b]), Alone(inputs[2], s_keys[b])], pass);
            Assert.Equal(alone[0].ToArray(), all[0].ToArray().AsSpan(b * QuerySteps * ValueWidth, s_queries[b] * ValueWidth).ToArray());
            for (int i = 0; i < s_queries[b]; i++)
                Assert.Equal(alone[1].ToArray()[(i * s_keys[b])..((i + 1) * s_keys[b])], all[1].ToArray().AsSpan((b * QuerySteps + i) * KeySteps, s_keys[b]).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_functional_model_gives_both_outputs_and_comes_back_from_its_file(string kind)
    {
        LayerOutput query = Input.Of(new Shape(-1, -1, Width)), value = Input.Of(new Shape(-1, -1, ValueWidth)), key = Input.Of(new Shape(-1, -1, Width));
        AttentionLayer layer = s_kinds[kind]();
        var model = new Model([query, value, key], [.. layer.OutputsOf(query, value, key)], seed: 3);
        Tensor[] expected = model.Predict(Inputs());
        Assert.Equal([new Shape(Batch, QuerySteps, ValueWidth), new Shape(Batch, QuerySteps, KeySteps)], expected.Select(y => y.Shape));
        Assert.Equal(Run(layer, Inputs(), new Pass(new Tape(recording: false))).Select(y => y.ToArray()), expected.Select(y => y.ToArray()));
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Assert.Equal(expected.Select(y => y.ToArray()), Model.Load(file.Path).Predict(Inputs()).Select(y => y.ToArray()));
        Assert.Equal(expected.Select(y => y.ToArray()), ((Model)model.Copy()).Predict(Inputs()).Select(y => y.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_warm_step_allocates_nothing(string kind)
    {
        AttentionLayer layer = Built(kind);
        Tensor[] inputs = Inputs(), outputs = new Tensor[2];
        var tape = new Tape();
        float[] weights = GradientCheck.Weights(Batch * QuerySteps * ValueWidth);
        DividedWork.On(1, () =>
        {
            void Step()
            {
                tape.Watch(inputs[0]);
                layer.Run(inputs, outputs, new Pass(tape, Training: true));
                tape.Backward(outputs[0], weights);
                tape.Reset();
            }
            for (int i = 0; i < 60; i++) Step();
            long native = tape.AllocatedBytes;
            long managed = ManagedAllocations.Of(() =>
            {
                for (int i = 0; i < 5; i++) Step();
            });
            Assert.Equal((native, 0), (tape.AllocatedBytes, managed));
            return 0;
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Asking_for_the_weights_changes_no_bit_of_the_output_and_dropout_none_of_the_weights(string kind)
    {
        AttentionLayer plain = Built(kind);
        var configuration = new JsonObject();
        plain.WriteConfiguration(configuration);
        configuration["dropout"] = 0.4f;
        var layer = (AttentionLayer)LayerCatalogue.Make(plain.Kind, configuration);
        layer.Name = "a";
        layer.Build([.. Inputs().Select(x => x.Shape)], 3);
        for (int i = 0; i < layer.Parameters.Count; i++) layer.Parameters[i].Set(plain.Parameters[i].ToArray());
        var training = new Pass(new Tape(recording: false), Training: true, Seed: 5, Step: 9);
        Tensor[] dropped = Run(layer, Inputs(), training), whole = Run(layer, Inputs(), training with { Training = false });
        Assert.Equal(dropped[0].ToArray(), layer.Forward(Inputs(), training).ToArray());
        Assert.Equal(whole[0].ToArray(), layer.Forward(Inputs(), training with { Training = false }).ToArray());
        Assert.NotEqual(whole[0].ToArray(), dropped[0].ToArray());
        Assert.Equal(whole[1].ToArray(), dropped[1].ToArray());
    }

    [Fact]
    public void Queries_one_at_a_time_drop_what_all_at_once_drop()
    {
        AttentionLayer layer = new AdditiveAttention(4, "a") { Dropout = 0.4f };
        Tensor[] inputs = [.. Inputs().Select(x => Tensor.FromArray(x.ToArray(), x.Shape[0], x.Shape[1], x.Features))];
        layer.Build([.. inputs.Select(x => x.Shape)], 3);
        var pass = new Pass(new Tape(recording: false), Training: true, Seed: 5, Step: 9);
        float[] together = layer.Forward(inputs, pass).ToArray();
        AttentionMemory memory = layer.Remember(inputs[1], inputs[2], pass);
        Assert.Equal(together, AttentionLoop.Run(layer, inputs[0], memory, pass, out _).ToArray());
        Assert.NotEqual(together, layer.Forward(inputs, pass with { Training = false }).ToArray());
    }

    [Fact]
    public void A_window_without_keys_gives_zeros()
    {
        var layer = new LocalAttention(1, LocalAlignment.Monotonic, AttentionScore.Dot);
        float[] y = layer.Forward([Tensor.FromArray(OperationEntry.Distinct(10), 1, 5, 2), Tensor.FromArray(OperationEntry.Distinct(4), 1, 2, 2)], new Pass(new Tape(recording: false))).ToArray();
        Assert.DoesNotContain(0f, y[..6]);
        Assert.Equal(new float[4], y[6..]); // keys 0 and 1; query 3 looks at 2 to 4
    }

    [Fact]
    public void A_sequence_attends_to_itself_in_a_row_of_layers()
    {
        foreach (Func<AttentionLayer> make in (Func<AttentionLayer>[])[() => new MultiplicativeAttention(), () => new AdditiveAttention(4), () => new LocationAwareAttention(4, 2, 3)])
        {
            var model = new Sequential(new Shape(-1, -1, Width), seed: 2) { make(), new Dense(2) };
            Tensor x = Inputs()[2];
            var alone = (AttentionLayer)model.Layers[0];
            Assert.Equal(model.Layers[1].Forward(alone.Forward([x, x, x], new Pass(new Tape(recording: false))), new Pass(new Tape(recording: false))).ToArray(), model.Predict(x).ToArray());
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_came()
    {
        Assert.Contains("units of at least 1, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => new AdditiveAttention(0)).Message, StringComparison.Ordinal);
        Assert.Contains("filters of at least 1, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => new LocationAwareAttention(1, 0, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 1 key on either side, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => new LocalAttention(0)).Message, StringComparison.Ordinal);
        Assert.Contains("[0, 1)", Assert.Throws<ArgumentOutOfRangeException>(() => new AdditiveAttention(2) { Dropout = 1 }).Message, StringComparison.Ordinal);
        LayerOutput sequence = Input.Of(new Shape(-1, -1, 3)), vector = Input.Of(new Shape(-1, 3)), wide = Input.Of(new Shape(-1, -1, 4));
        Assert.Contains("RepeatVector(1)", Assert.Throws<ArgumentException>(() => new AdditiveAttention(2).Of(vector, sequence)).Message, StringComparison.Ordinal);
        Assert.Contains("3 features, received 4", Assert.Throws<ArgumentException>(() => new LocalAttention(2, score: AttentionScore.Dot).Of(sequence, wide)).Message, StringComparison.Ordinal);
    }

    private static Tensor[] Run(AttentionLayer layer, Tensor[] inputs, Pass pass)
    {
        var outputs = new Tensor[2];
        layer.Run(inputs, outputs, pass);
        return outputs;
    }

    private static AttentionLayer Built(string kind)
    {
        AttentionLayer layer = s_kinds[kind]();
        layer.Name = "a";
        layer.Build([new Shape(-1, -1, Width), new Shape(-1, -1, ValueWidth), new Shape(-1, -1, Width)], 3);
        for (int i = 0; i < layer.Parameters.Count; i++) layer.Parameters[i].Set(OperationEntry.Distinct(layer.Parameters[i].Count, 300 + 50 * i));
        return layer;
    }

    private static Tensor[] Inputs() =>
    [
        Tensor.FromArray(OperationEntry.Distinct(Batch * QuerySteps * Width), Batch, QuerySteps, Width).WithLengths(s_queries),
        Tensor.FromArray(OperationEntry.Distinct(Batch * KeySteps * ValueWidth, 100), Batch, KeySteps, ValueWidth).WithLengths(s_keys),
        Tensor.FromArray(OperationEntry.Distinct(Batch * KeySteps * Width, 200), Batch, KeySteps, Width).WithLengths(s_keys),
    ];

    private static Tensor Dot(Tape tape, Tensor x, float[] weights) => SumOp.Of(tape, MultiplyOp.Of(tape, x, Tensor.FromArray(weights, x.Shape[0], x.Shape[1], x.Shape[2])));

    private static (ReferenceTensor Output, ReferenceTensor Weights) Reference(AttentionLayer layer, Dictionary<string, double[]> parameters, ReferenceTensor[] inputs) =>
        new ReferenceAttentionLayer(layer, name => parameters[name]).Run(inputs[0], inputs[1], inputs[2]);

    private static double[] Differences(double[] values, Func<double> loss) => [.. values.Select((value, i) =>
    {
        const double step = 1e-5;
        values[i] = value + step;
        double above = loss();
        values[i] = value - step;
        double below = loss();
        values[i] = value;
        return (above - below) / (2 * step);
    })];

    private static double[] Doubles(Parameter parameter) => Array.ConvertAll(parameter.ToArray(), v => (double)v);

    private static ReferenceTensor Of(Tensor x) => new([x.Shape[0], x.Shape[1], x.Shape[2]], Array.ConvertAll(x.ToArray(), v => (double)v), x.Lengths.ToArray());

    private static void AssertClose(double[] expected, float[] found, double tolerance = 2e-6)
    {
        double largest = Math.Max(0.1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= tolerance * largest, FormattableString.Invariant($"number {i}: expected {expected[i]}, found {found[i]}"));
    }
}
