using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tests.Ops;

/// <summary>Operations refuse shapes that do not meet, and say which came.</summary>
public sealed class ShapeRefusalTests
{
    private static readonly Tape s_tape = new(recording: false);

    [Fact]
    public void Operands_that_do_not_meet_are_named() =>
        Refused(() => AddOp.Of(s_tape, Tensor.Zeros(2, 3), Tensor.Zeros(2)), "Add: expected a second operand of shape [2, 3], a row [3] or one number; received [2].");

    [Fact]
    public void Operands_of_different_lengths_are_refused() =>
        Refused(() => MultiplyOp.Of(s_tape, Ragged(1, 2), Ragged(2, 1)), "Multiply: the two operands [2, 2, 3] have different sequence lengths.");

    [Fact]
    public void Parts_of_different_lengths_are_refused() =>
        Refused(() => ConcatenateOp.Of(s_tape, Ragged(1, 2), Tensor.Zeros(2, 2, 3)), "different sequence lengths");

    [Fact]
    public void Parts_of_another_time_are_refused() =>
        Refused(() => ConcatenateOp.Of(s_tape, Tensor.Zeros(2, 2, 3), Tensor.Zeros(2, 4, 3)), "[2, 2, 3], received [2, 4, 3]");

    [Fact]
    public void A_step_past_the_end_is_refused() =>
        Refused(() => SelectStepOp.Of(s_tape, Tensor.Zeros(2, 2, 3), 2), "step 2 is not in [2, 2, 3], which has 2 steps");

    [Fact]
    public void Features_past_the_end_are_refused() =>
        Refused(() => SliceFeaturesOp.Of(s_tape, Tensor.Zeros(2, 3), 2, 2), "the 3 features of [2, 3], received 2 to 4");

    [Fact]
    public void Inner_axes_that_differ_are_refused() =>
        Refused(() => MatMulOp.Of(s_tape, Tensor.Zeros(2, 3), Tensor.Zeros(2, 3)), "received [2, 3] and [2, 3]");

    [Fact]
    public void A_layout_of_another_batch_is_refused()
    {
        var layout = new SequenceLayout();
        layout.Set([1, 2, 2], 2);
        Refused(() => PackOp.Of(s_tape, Tensor.Zeros(2, 2, 3), layout), "expected [3, 2, …], received [2, 2, 3]");
        Refused(() => StackStepsOp.Of(s_tape, [Tensor.Zeros(2, 3), Tensor.Zeros(2, 3)], layout), "of 3 sequences and 2 steps");
    }

    [Fact]
    public void A_reshape_to_another_count_is_refused() =>
        Refused(() => ReshapeOp.Of(s_tape, Tensor.Zeros(2, 3), new Shape(5)), "6 numbers for [2, 3], received [5]");

    [Fact]
    public void The_mean_of_nothing_is_refused() => Refused(() => MeanOp.Of(s_tape, Tensor.Zeros(0, 3)), "at least one real element");

    private static Tensor Ragged(params int[] lengths) => Tensor.Zeros(2, 2, 3).WithLengths(lengths);

    private static void Refused(Action action, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
}
