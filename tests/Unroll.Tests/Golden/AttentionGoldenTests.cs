using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;

namespace Unroll.Tests.Golden;

/// <summary>PyTorch's multi-head attention and Transformer encoder layers: outputs, weights and every gradient.</summary>
[Trait(EnvironmentTests.Trait, EnvironmentTests.Small)]
public sealed class AttentionGoldenTests
{
    private const int Batch = 2, Steps = 4, Features = 12;

    [Fact]
    public void Multi_head_attention_agrees_with_PyTorch()
    {
        GoldenFile file = GoldenFiles.Open("multi_head_attention");
        int heads = int.Parse(file.Metadata("heads")!, System.Globalization.CultureInfo.InvariantCulture);
        var layer = new MultiHeadAttention(heads, Features / heads) { ReturnAttentionScores = true };
        IReadOnlyList<LayerOutput> inputs = [.. Enumerable.Range(0, 3).Select(_ => Input.Of(new Shape(-1, -1, Features)))];
        var model = new Model(inputs, layer.OutputsOf(inputs[0], inputs[1], inputs[2]));
        SetProjections(file, "", layer.Parameters);

        int[] lengths = Lengths(file, "key_padding_mask");
        Tensor query = Sequence(file, "query"), key = Sequence(file, "key").WithLengths(lengths), value = Sequence(file, "value").WithLengths(lengths);
        var tape = new Tape();
        foreach (Tensor input in new[] { query, key, value }) tape.Watch(input);
        Tensor[] outputs = model.Forward([query, value, key], new Pass(tape));
        tape.Backward(Loss(file, tape, outputs[0]));

        GoldenComparison.Close(file.Floats("y"), outputs[0].ToArray(), "y");
        float[] weights = outputs[1].ToArray(), mean = new float[Batch * Steps * Steps];
        for (int b = 0; b < Batch; b++)
            for (int h = 0; h < heads; h++)
                for (int i = 0; i < Steps * Steps; i++) mean[b * Steps * Steps + i] += weights[(b * heads + h) * Steps * Steps + i] / heads;
        GoldenComparison.Close(file.Floats("mean_weights"), mean, "mean_weights");
        GoldenComparison.Close(file.Floats("grad.query"), tape.GradientOf(query), "grad.query");
        GoldenComparison.Close(file.Floats("grad.key"), tape.GradientOf(key), "grad.key");
        GoldenComparison.Close(file.Floats("grad.value"), tape.GradientOf(value), "grad.value");
        CompareProjections(file, "", layer.Parameters);
    }

    [Theory]
    [InlineData("transformer_encoder_post_norm", false)]
    [InlineData("transformer_encoder_pre_norm", true)]
    public void Transformer_encoder_layers_agree_with_PyTorch(string name, bool normFirst)
    {
        GoldenFile file = GoldenFiles.Open(name);
        int heads = int.Parse(file.Metadata("heads")!, System.Globalization.CultureInfo.InvariantCulture);
        int units = int.Parse(file.Metadata("feedforward")!, System.Globalization.CultureInfo.InvariantCulture);
        var layer = new TransformerEncoderLayer(heads, units) { NormFirst = normFirst, Activation = "gelu" };
        layer.Build(new Shape(-1, -1, Features));
        SetProjections(file, "self_attn.", layer.Parameters);
        foreach ((string ours, string theirs) in s_others) Named(layer, ours).Set(Convert(file, "param." + theirs));

        Tensor x = Sequence(file, "x").WithLengths(Lengths(file, "padding_mask"));
        var tape = new Tape();
        tape.Watch(x);
        Tensor y = layer.Forward(x, new Pass(tape, Training: true));
        tape.Backward(Loss(file, tape, y));

        GoldenComparison.Close(Real(file, "y"), y.ToArray(), "y");
        GoldenComparison.Close(file.Floats("grad.x"), tape.GradientOf(x), "grad.x");
        CompareProjections(file, "self_attn.", layer.Parameters);
        foreach ((string ours, string theirs) in s_others) GoldenComparison.Close(Convert(file, "grad." + theirs), Named(layer, ours).GradientToArray(), theirs);
    }

    /// <summary>Our parameters behind those of the attention, and PyTorch's names.</summary>
    private static readonly (string Ours, string Theirs)[] s_others =
    [
        ("attention_norm/gamma", "norm1.weight"), ("attention_norm/beta", "norm1.bias"),
        ("feed_forward_inner/kernel", "linear1.weight"), ("feed_forward_inner/bias", "linear1.bias"),
        ("feed_forward_outer/kernel", "linear2.weight"), ("feed_forward_outer/bias", "linear2.bias"),
        ("feed_forward_norm/gamma", "norm2.weight"), ("feed_forward_norm/beta", "norm2.bias"),
    ];

    private static Parameter Named(Layer layer, string name) => layer.Parameters.Single(parameter => parameter.Name == name);

    /// <summary>PyTorch keeps the kernels of query, key and value one below the other, each [outputs, inputs].</summary>
    private static IEnumerable<(string Name, float[] Values)> Projections(GoldenFile file, string kind, string prefix)
    {
        float[] kernels = file.Floats($"{kind}.{prefix}in_proj_weight"), biases = file.Floats($"{kind}.{prefix}in_proj_bias");
        for (int i = 0; i < 3; i++)
        {
            string name = new[] { "query", "key", "value" }[i];
            yield return (name + "_kernel", PyTorchWeights.Transpose(kernels[(i * Features * Features)..((i + 1) * Features * Features)], Features, Features));
            yield return (name + "_bias", biases[(i * Features)..((i + 1) * Features)]);
        }
        yield return ("output_kernel", Convert(file, $"{kind}.{prefix}out_proj.weight"));
        yield return ("output_bias", Convert(file, $"{kind}.{prefix}out_proj.bias"));
    }

    private static void SetProjections(GoldenFile file, string prefix, IReadOnlyList<Parameter> parameters)
    {
        foreach ((string name, float[] values) in Projections(file, "param", prefix)) Of(parameters, name).Set(values);
    }

    private static void CompareProjections(GoldenFile file, string prefix, IReadOnlyList<Parameter> parameters)
    {
        foreach ((string name, float[] values) in Projections(file, "grad", prefix))
        {
            float[] found = Of(parameters, name).GradientToArray();
            if (name == "key_bias") Assert.All(found, gradient => Assert.InRange(gradient, -2e-6f, 2e-6f)); // zero but for rounding: it moves all scores of a query alike
            else GoldenComparison.Close(values, found, "grad." + name);
        }
    }

    private static Parameter Of(IReadOnlyList<Parameter> parameters, string name) => parameters.Single(parameter => parameter.Name.EndsWith(name, StringComparison.Ordinal));

    private static float[] Convert(GoldenFile file, string name) =>
        file.Shape(name) is [int rows, int columns] ? PyTorchWeights.Transpose(file.Floats(name), rows, columns) : file.Floats(name);

    private static Tensor Sequence(GoldenFile file, string name) => Tensor.FromArray(file.Floats(name), Batch, Steps, Features);

    private static int[] Lengths(GoldenFile file, string mask) =>
        [.. file.Floats(mask).Chunk(Steps).Select(row => row.Count(ignored => ignored == 0))];

    /// <summary>PyTorch's numbers with zeros in the padding.</summary>
    private static float[] Real(GoldenFile file, string name)
    {
        int[] lengths = Lengths(file, "padding_mask");
        return [.. file.Floats(name).Select((value, i) => i / Features % Steps < lengths[i / Features / Steps] ? value : 0)];
    }

    private static Tensor Loss(GoldenFile file, Tape tape, Tensor y) => SumOp.Of(tape, MultiplyOp.Of(tape, y, Sequence(file, "loss_weight.y")));
}
