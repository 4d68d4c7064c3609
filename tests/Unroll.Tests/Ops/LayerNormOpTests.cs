using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Ops;

public sealed class LayerNormOpTests
{
    public static IEnumerable<object[]> GoldenNames() => GoldenFiles.Names("layer_norm").Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Golden_layer_norm_and_its_gradients(string name)
    {
        GoldenFile file = GoldenFiles.Open(name);
        int[] shape = file.Shape("x");
        Parameter gamma = Loaded("param.weight"), beta = Loaded("param.bias");
        float epsilon = float.Parse(file.Metadata("epsilon")!, CultureInfo.InvariantCulture);
        Tensor x = Tensor.FromArray(file.Floats("x"), shape);
        var tape = new Tape();
        tape.Watch(x);
        Tensor y = LayerNormOp.Of(tape, x, gamma, beta, epsilon);
        GoldenComparison.Close(file.Floats("y"), y.ToArray(), "y");
        tape.Backward(y, file.Floats("loss_weight.y"));
        GoldenComparison.Close(file.Floats("grad.x"), tape.GradientOf(x), "gradient of x");
        GoldenComparison.Close(file.Floats("grad.weight"), gamma.GradientToArray(), "gradient of gamma");
        GoldenComparison.Close(file.Floats("grad.bias"), beta.GradientToArray(), "gradient of beta");

        Parameter Loaded(string tensor)
        {
            var parameter = new Parameter(tensor, new Shape(shape[^1]));
            parameter.Set(file.Floats(tensor));
            return parameter;
        }
    }

    [Fact]
    public void Parameters_of_another_size_are_refused()
    {
        Tensor x = Tensor.Zeros(2, 3);
        string message = Assert.Throws<ArgumentException>(() =>
            LayerNormOp.Of(new Tape(), x, new Parameter("gamma", new Shape(3)), new Parameter("beta", new Shape(4)))).Message;
        Assert.Contains("of 3 numbers for [2, 3], received [3] and [4]", message, StringComparison.Ordinal);
    }
}
