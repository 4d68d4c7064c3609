using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// What follows the products forward: the cell's arithmetic, while the pre-activations are in the first-level cache. Cells
/// loop over rows of 16 units, and a loop over few of them would wait for each operation's latency; so many rows are taken
/// block by block, one or two rows all blocks together.
/// </summary>
internal static unsafe class ForwardEpilogue<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>The rows of a tile, in one block of units.</summary>
    public static void Block<TSimd, TVector>(in SweepArguments sweep, in StepRows rows, int j, int first, int count)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        CellBlock block = At(in sweep, in rows, j, first);
        block.Rows = count;
        int valid = Math.Min(Size, sweep.Units - j * Size);
        if (valid == Size) CellStages<TCell>.Forward<TSimd, TVector>(in block, rows.Second);
        else Partial<TSimd, TVector>(in block, rows.Second, valid);
    }

    /// <summary>One row, in all of the sweep's blocks.</summary>
    public static void Row<TSimd, TVector>(in SweepArguments sweep, in StepRows rows, int row)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int whole = Math.Min(sweep.EndBlock, sweep.Units / Size);
        if (whole > sweep.FirstBlock)
        {
            CellBlock block = At(in sweep, in rows, sweep.FirstBlock, row);
            block.Rows = whole - sweep.FirstBlock;
            block.GateStride = sweep.GateBlockStride;
            block.StateStride = block.ResetStateStride = Size;
            block.PreviousStateStride = rows.PreviousStates == null ? 0 : Size;
            block.CarryStride = sweep.CarryBlockStride;
            block.PreviousCarryStride = rows.PreviousCarries == null ? 0 : rows.PreviousCarryBlockStride;
            block.UnitWeightStride = TCell.UnitWeightGroups * Size;
            if (TCell.IsGeneral) block.Noise = sweep.Noise.Across(rows.Offset + row, row, sweep.FirstBlock);
            CellStages<TCell>.Forward<TSimd, TVector>(in block, rows.Second);
        }
        if (whole < sweep.EndBlock) Block<TSimd, TVector>(in sweep, in rows, whole, row, 1);
    }

    private static CellBlock At(in SweepArguments sweep, in StepRows rows, int j, int row)
    {
        int unit = j * Size;
        var block = new CellBlock
        {
            Gates = sweep.Gates + j * sweep.GateBlockStride + (rows.Offset + row) * sweep.GateRowStride,
            GateStride = sweep.GateRowStride,
            State = sweep.Output + (rows.Offset + row) * sweep.OutputStride + unit,
            StateStride = sweep.OutputStride,
            PreviousState = rows.PreviousStates == null ? ZeroRow.Floats : rows.PreviousStates + row * rows.PreviousStateStride + unit,
            PreviousStateStride = rows.PreviousStates == null ? 0 : rows.PreviousStateStride,
        };
        if (TCell.IsGeneral)
        {
            block.Options = sweep.Options;
            block.Noise = sweep.Noise.At(rows.Offset + row, row, j);
        }
        if (TCell.HasCarry)
        {
            block.Carry = sweep.Carry + j * sweep.CarryBlockStride + (sweep.CarryRow(rows.Step) + row) * Size;
            block.CarryStride = Size;
            block.PreviousCarry = rows.PreviousCarries == null ? ZeroRow.Floats : rows.PreviousCarries + j * rows.PreviousCarryBlockStride + row * Size;
            block.PreviousCarryStride = rows.PreviousCarries == null ? 0 : Size;
        }
        if (TCell.UnitWeightGroups > 0) block.UnitWeights = sweep.UnitWeights + j * TCell.UnitWeightGroups * Size;
        if (TCell.HasSecondPhase)
        {
            block.ResetState = sweep.ResetStatesOf(rows.Step) + (nint)row * sweep.Layout.PaddedUnits + unit;
            block.ResetStateStride = sweep.Layout.PaddedUnits;
        }
        return block;
    }

    /// <summary>The last block of units, which do not fill it: states go through copies whose padding is zero.</summary>
    private static void Partial<TSimd, TVector>(in CellBlock block, bool second, int valid)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* states = stackalloc float[TCell.RowsAtOnce * Size], previous = stackalloc float[TCell.RowsAtOnce * Size];
        CellBlock copies = block;
        copies.State = states;
        copies.PreviousState = previous;
        copies.StateStride = copies.PreviousStateStride = Size;
        for (int row = 0; row < block.Rows; row++) PaddedRow.Fill(block.PreviousState + row * block.PreviousStateStride, valid, previous + row * Size);
        CellStages<TCell>.Forward<TSimd, TVector>(in copies, second);
        if (second != TCell.HasSecondPhase) return; // the state follows in the second phase
        for (int row = 0; row < block.Rows; row++)
            new Span<float>(states + row * Size, valid).CopyTo(new Span<float>(block.State + row * block.StateStride, valid));
    }
}
