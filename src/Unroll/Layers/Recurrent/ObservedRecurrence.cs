using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A recurrence one step at a time, each step a recurrence of its own from the state before it: the same numbers as in one
/// go, with every state a tensor, which is shown to the pass's observer.
/// </summary>
internal static class ObservedRecurrence
{
    /// <param name="layer">The layer's name.</param>
    /// <param name="packed">[B, T, I], packed by time.</param>
    /// <param name="call">The recurrence; its sequence is a tensor of its own.</param>
    /// <param name="pass">With an observer.</param>
    public static RecurrentResult Of(string layer, Tensor packed, RecurrentCall call, Pass pass)
    {
        Tape tape = pass.Tape;
        SequenceLayout layout = packed.Layout!;
        if (layout.Steps == 0) return RecurrentOp.Of(tape, packed, call with { Into = null });
        int batch = layout.Batch, inputs = packed.Features;
        var states = new Tensor[layout.Steps];
        Span<int> lengths = new int[batch];
        RecurrentResult result = default;
        for (int i = 0; i < layout.Steps; i++)
        {
            int step = call.Reverse ? layout.Steps - 1 - i : i;
            for (int b = 0; b < batch; b++) lengths[b] = step < layout.Lengths[b] ? 1 : 0;
            SequenceLayout one = tape.NewLayout();
            one.Set(lengths, 1);
            Tensor x = PackOp.Of(tape, ReshapeOp.Of(tape, SelectStepOp.Of(tape, packed, step), new Shape(batch, 1, inputs)), one);
            result = RecurrentOp.Traced(tape, x, call with { Into = null, Noise = call.Noise with { FirstTime = step } }, out RecurrentSteps steps);
            call = call with { InitialState = result.FinalState, InitialCarry = result.FinalCarry };
            states[step] = result.FinalState;
            pass.Observer!.See(layer, step, i == layout.Steps - 1, result.FinalState, result.FinalCarry, steps.Gates, layout.Lengths);
        }
        return result with { Sequence = StackStepsOp.Of(tape, states, layout) };
    }
}
