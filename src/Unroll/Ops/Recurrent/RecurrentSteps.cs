using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;
using Unroll.Tensors;

namespace Unroll.Ops.Recurrent;

/// <summary>What a recurrence went through: cell states and activated gates at every step, [B, T, H] in the layout of its input.</summary>
/// <param name="Carry">The cell states; null for a cell that has none.</param>
/// <param name="Gates">By name, in the cell's order.</param>
internal sealed record RecurrentSteps(Tensor? Carry, IReadOnlyList<(string Name, Tensor Values)> Gates)
{
    /// <summary>Copies them from a pass that has run forward and keeps its history.</summary>
    public static unsafe RecurrentSteps Of(Tape tape, Shape shape, RecurrentCell cell, in SweepArguments sweep)
    {
        Tensor? carry = sweep.Carry == null ? null : Copy(tape, shape, in sweep, sweep.Carry, PanelLayout.GroupSize, sweep.CarryBlockStride);
        var gates = new List<(string, Tensor)>();
        foreach ((string name, int group) in GateSlots.Of(cell))
            gates.Add((name, Copy(tape, shape, in sweep, sweep.Gates + group * PanelLayout.GroupSize, sweep.GateRowStride, sweep.GateBlockStride)));
        return new RecurrentSteps(carry, gates);
    }

    private static unsafe Tensor Copy(Tape tape, Shape shape, in SweepArguments sweep, float* from, nint rowStride, nint blockStride)
    {
        Tensor values = tape.New(shape, sweep.Sequence);
        Span<float> to = values.Storage;
        int units = sweep.Units;
        for (int row = 0; row < sweep.Sequence.Rows; row++)
            for (int block = 0, unit = 0; unit < units; block++, unit += PanelLayout.GroupSize)
            {
                int count = Math.Min(PanelLayout.GroupSize, units - unit);
                new ReadOnlySpan<float>(from + row * rowStride + block * blockStride, count).CopyTo(to[(row * units + unit)..]);
            }
        return values;
    }
}
