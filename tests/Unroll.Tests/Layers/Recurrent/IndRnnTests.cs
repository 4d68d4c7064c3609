using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Layers.Recurrent;

public sealed class IndRnnTests
{
    [Fact]
    public void Weights_are_used_within_their_limit_and_beyond_it_get_only_gradients_that_lead_back()
    {
        // Linear, one input of 1 a step and two steps: h₂ = u + 1 with u the weight within ± 1, dh₂/du = h₁ = 1.
        var layer = new IndRnn(4, "linear") { RecurrentLimit = 1f, UseBias = false };
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, 1));
        layer.Parameters[0].Set([1, 1, 1, 1]);
        layer.Parameters[1].Set([0.5f, 3f, 3f, -3f]);
        var tape = new Tape();
        Tensor y = layer.Forward(Tensor.FromArray([1, 1], 1, 2, 1), new Pass(tape));
        Assert.Equal([1.5f, 2f, 2f, 0f], y.ToArray());
        // A step goes against the gradient: for 3 a positive one leads back, for -3 a negative one.
        tape.Backward(y, [2f, 2f, -2f, -2f]);
        Assert.Equal([2f, 2f, 0f, -2f], layer.Parameters[1].GradientToArray());
    }

    [Fact]
    public void The_recurrent_weights_begin_between_0_and_1()
    {
        var layer = new IndRnn(200);
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, 1), seed: 4);
        float[] weights = layer.Parameters[1].ToArray();
        Assert.All(weights, w => Assert.InRange(w, 0, 1));
        Assert.InRange(weights.Average(), 0.42, 0.58);
    }

    [Fact]
    public void A_single_row_of_many_units_has_its_gradients()
    {
        // h = x w + u h, the loss the sum of all states: backward g = 1 + u g⁺, and du adds g times the state before.
        const int units = 200;
        int[] lengths = [9, 4, 1];
        var layer = new IndRnn(units, "linear", returnSequences: true) { UseBias = false };
        layer.Build(new Shape(-1, -1, 1));
        float[] w = Contracts.RecurrentData.Numbers(units, 1, 0.9), u = Contracts.RecurrentData.Numbers(units, 2, 0.7), x = Contracts.RecurrentData.Numbers(27, 3, 1.0);
        layer.Parameters[0].Set(w);
        layer.Parameters[1].Set(u);
        var tape = new Tape();
        Tensor y = layer.Forward(Tensor.FromArray(x, 3, 9, 1).WithLengths(lengths), new Pass(tape, Training: true));
        tape.Backward(y, [.. Enumerable.Repeat(1f, 27 * units)]);
        double[] dw = new double[units], du = new double[units];
        for (int b = 0; b < 3; b++)
            for (int unit = 0; unit < units; unit++)
            {
                double[] h = new double[lengths[b] + 1];
                for (int t = 0; t < lengths[b]; t++) h[t + 1] = x[9 * b + t] * w[unit] + u[unit] * h[t];
                double g = 0;
                for (int t = lengths[b] - 1; t >= 0; t--)
                {
                    g = 1 + u[unit] * g;
                    dw[unit] += g * x[9 * b + t];
                    du[unit] += g * h[t];
                }
            }
        Contracts.Agreement.Close("w", dw, layer.Parameters[0].GradientToArray(), 2e-6);
        Contracts.Agreement.Close("u", du, layer.Parameters[1].GradientToArray(), 2e-6);
    }
}
