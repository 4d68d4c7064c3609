using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Ops;

public sealed class ActivationTests
{
    public static IEnumerable<object[]> GoldenNames() => GoldenFiles.Names("activations").Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Golden_activations_and_their_gradients(string name)
    {
        GoldenFile file = GoldenFiles.Open(name);
        float[] x = file.Floats("x");
        int compared = 0;
        foreach (string output in file.Tensors.Where(n => n.StartsWith("y.", StringComparison.Ordinal)))
        {
            string activation = output[2..];
            var tape = new Tape();
            Tensor input = Tensor.FromArray(x, x.Length);
            tape.Watch(input);
            Tensor y = Activation.FromName(activation).Apply(tape, input);
            GoldenComparison.Close(file.Floats(output), y.ToArray(), activation);
            tape.Backward(SumOp.Of(tape, y));
            GoldenComparison.Close(file.Floats("grad." + activation), tape.GradientOf(input), activation + " gradient");
            compared++;
        }
        Assert.True(compared > 0);
    }

    [Fact]
    public void Every_activation_is_found_by_its_name()
    {
        Assert.Equal(16, Activation.All.Count);
        foreach (Activation activation in Activation.All) Assert.Same(activation, Activation.FromName(activation.Name));
        Assert.Same(Activation.Silu, Activation.FromName("swish"));
        Assert.Same(Activation.Silu, Activation.FromName("Swish"));
        Assert.Same(Activation.HardTanh, Activation.FromName("Hard_Tanh"));
        Activation fromText = "tanh";
        Assert.Same(Activation.Tanh, fromText);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        string message = Assert.Throws<ArgumentException>(() => Activation.FromName("tahn")).Message;
        Assert.Contains("'tahn'", message, StringComparison.Ordinal);
        foreach (Activation activation in Activation.All) Assert.Contains(activation.Name, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Softmax_of_large_numbers_neither_overflows_nor_vanishes()
    {
        var tape = new Tape(recording: false);
        Tensor x = Tensor.FromArray([1000f, 1001f, -1000f, 3e38f, 3e38f, -3e38f], 2, 3);
        float[] y = Activation.Softmax.Apply(tape, x).ToArray();
        Assert.Equal(1 / (1 + Math.E), y[0], 1e-6);
        Assert.Equal(Math.E / (1 + Math.E), y[1], 1e-6);
        Assert.Equal([0f, 0.5f, 0.5f, 0f], y[2..]);
        float[] logarithms = LogSoftmaxOp.Of(tape, x).ToArray();
        Assert.Equal(-2001 - Math.Log(1 + Math.Exp(-1)), logarithms[2], 1e-3);
    }

    [Fact]
    public void Softmax_of_a_row_with_NaN_is_NaN_and_leaves_the_others()
    {
        Tensor x = Tensor.FromArray([1f, float.NaN, 2f, 3f], 2, 2);
        float[] y = SoftmaxOp.Of(new Tape(recording: false), x).ToArray();
        Assert.True(float.IsNaN(y[0]) && float.IsNaN(y[1]));
        Assert.Equal(1 / (1 + Math.E), y[2], 1e-6);
    }

    [Fact]
    public void Lengths_pass_through()
    {
        Tensor x = Tensor.FromSequences([new float[,] { { 1 } }, new float[,] { { -1 }, { 2 } }]);
        Tensor y = Activation.Relu.Apply(new Tape(), x);
        Assert.Equal([1, 2], y.Lengths.ToArray());
        Assert.Equal(new Shape(2, 2, 1), y.Shape);
        Assert.Equal([1f, 0f, 0f, 2f], y.ToArray());
    }
}
