using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>Initial values that let a layer remember: chrono biases and the identity of IRNN.</summary>
public sealed class ChronoTests
{
    private const int Units = 400, Steps = 100;

    private static float[] BiasOf(RecurrentLayer layer)
    {
        layer.Name = "layer";
        layer.Build(new Shape(-1, -1, 2), seed: 5);
        return layer.Parameters.Single(parameter => parameter.Name == "bias").ToArray();
    }

    [Fact]
    public void An_lstm_keeps_by_log_u_and_writes_by_minus_log_u()
    {
        float[] bias = BiasOf(new Lstm(Units) { ChronoSteps = Steps });
        float[] write = bias[..Units], keep = bias[Units..(2 * Units)];
        Assert.All(keep, b => Assert.InRange(b, 0, (float)Math.Log(Steps - 1)));
        Assert.Equal(keep.Select(b => -b), write);
        Assert.All(bias[(2 * Units)..], b => Assert.Equal(0, b));
        // e^b is uniform in [1, 99]: its mean is 50 and its deviation 28.3.
        double[] u = [.. keep.Select(b => Math.Exp(b))];
        Assert.InRange(u.Average(), 50 - 4 * 28.3 / 20, 50 + 4 * 28.3 / 20);
        Assert.InRange(Math.Sqrt(u.Average(x => (x - 50) * (x - 50))), 26, 31);
        Assert.Equal(Units, keep.Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_gru_keeps_by_log_u(bool resetAfter)
    {
        float[] bias = BiasOf(new Gru(Units) { ChronoSteps = Steps, ResetAfter = resetAfter });
        Assert.All(bias[Units..(2 * Units)], b => Assert.InRange(b, 0, (float)Math.Log(Steps - 1)));
        Assert.InRange(bias[Units..(2 * Units)].Average(b => Math.Exp(b)), 44, 56);
        Assert.All(bias[..Units].Concat(bias[(2 * Units)..]), b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_coupled_lstm_writes_by_minus_log_u_and_so_keeps_the_rest()
    {
        float[] bias = BiasOf(new CoupledLstm(Units) { ChronoSteps = Steps });
        Assert.All(bias[..Units], b => Assert.InRange(b, -(float)Math.Log(Steps - 1), 0));
        Assert.InRange(bias[..Units].Average(b => Math.Exp(-b)), 44, 56);
        Assert.All(bias[Units..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_relu_layer_of_the_identity_keeps_what_it_was_given()
    {
        // IRNN (Le et al. 2015): with inputs above zero through an identity, the state is their sum.
        var layer = new SimpleRnn(3, "relu") { RecurrentInitializer = "identity", KernelInitializer = "identity" };
        var input = Unroll.Tensors.Tensor.FromArray([1, 2, 3, 10, 20, 30, 100, 200, 300], 1, 3, 3);
        Assert.Equal([111f, 222f, 333f], layer.Forward(input, new Unroll.Autograd.Pass(new Unroll.Autograd.Tape())).ToArray());
    }

    [Fact]
    public void What_it_is_not_for_is_refused()
    {
        static string Refusal(Action make) => Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.Contains("expected at least 2", Refusal(() => _ = new Lstm(3) { ChronoSteps = 1 }), StringComparison.Ordinal);
        Assert.Contains("LSTM and GRU", Refusal(() => BiasOf(new SimpleRnn(3) { ChronoSteps = 9 })), StringComparison.Ordinal);
        Assert.Contains("UseBias is false", Refusal(() => BiasOf(new Lstm(3) { ChronoSteps = 9, UseBias = false })), StringComparison.Ordinal);
    }
}
