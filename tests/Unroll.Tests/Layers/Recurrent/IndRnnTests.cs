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
}
