using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// What follows the products backward: the cell turns the activated gates into the gradients of their pre-activations, in
/// place. Many rows are taken block by block, one or two rows all blocks together, as in <see cref="ForwardEpilogue{TCell}"/>.
/// </summary>
internal static unsafe class BackwardEpilogue<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>The rows of a tile, in one block of units.</summary>
    /// <param name="sweep">The layer.</param>
    /// <param name="rows">The step's rows.</param>
    /// <param name="j">The block.</param>
    /// <param name="first">The tile's first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="gradients">The gradient of the block's states at the first row.</param>
    /// <param name="stride">Floats from row to row of it.</param>
    public static void Block<TSimd, TVector>(in SweepArguments sweep, in StepRows rows, int j, int first, int count, float* gradients, nint stride)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        CellGradientBlock block = At(in sweep, in rows, j, first, gradients);
        block.StateGradientStride = stride;
        block.Rows = count;
        int valid = Math.Min(Size, sweep.Units - j * Size);
        if (valid == Size) CellStages<TCell>.Backward<TSimd, TVector>(in block, rows.Second);
        else Partial<TSimd, TVector>(in block, rows.Second, valid);
    }

    /// <summary>One row, in all of the sweep's blocks; <paramref name="gradients"/> holds 16 floats a block.</summary>
    public static void Row<TSimd, TVector>(in SweepArguments sweep, in StepRows rows, int row, float* gradients)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int whole = Math.Min(sweep.EndBlock, sweep.Units / Size);
        if (whole > sweep.FirstBlock)
        {
            CellGradientBlock block = At(in sweep, in rows, sweep.FirstBlock, row, gradients);
            block.Rows = whole - sweep.FirstBlock;
            block.GateStride = sweep.GateBlockStride;
            block.StateStride = block.StateGradientStride = Size;
            block.PreviousStateStride = rows.PreviousStates == null ? 0 : Size;
            block.CarryStride = sweep.CarryBlockStride;
            block.CarryGradientStride = sweep.CarryGradientBlockStride;
            block.PreviousCarryStride = rows.PreviousCarries == null ? 0 : rows.PreviousCarryBlockStride;
            block.UnitWeightStride = TCell.UnitWeightGroups * Size;
            if (TCell.IsGeneral) block.Noise = sweep.Noise.Across(rows.Offset + row, row, sweep.FirstBlock);
            CellStages<TCell>.Backward<TSimd, TVector>(in block, rows.Second);
        }
        if (whole < sweep.EndBlock)
            Block<TSimd, TVector>(in sweep, in rows, whole, row, 1, gradients + (whole - sweep.FirstBlock) * Size, Size);
    }

    private static CellGradientBlock At(in SweepArguments sweep, in StepRows rows, int j, int row, float* gradients)
    {
        int unit = j * Size;
        var block = new CellGradientBlock
        {
            Gates = sweep.Gates + j * sweep.GateBlockStride + (rows.Offset + row) * sweep.GateRowStride,
            GateStride = sweep.GateRowStride,
            StateGradient = gradients,
            State = sweep.Output + (rows.Offset + row) * sweep.OutputStride + unit,
            StateStride = sweep.OutputStride,
            PreviousState = rows.PreviousStates == null ? ZeroRow.Floats : rows.PreviousStates + row * rows.PreviousStateStride + unit,
            PreviousStateStride = rows.PreviousStates == null ? 0 : rows.PreviousStateStride,
            CarryGradient = sweep.CarryGradient + j * sweep.CarryGradientBlockStride + row * Size,
            CarryGradientStride = Size,
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
        return block;
    }

    /// <summary>The last block of units, which do not fill it: states are read from copies whose padding is zero.</summary>
    private static void Partial<TSimd, TVector>(in CellGradientBlock block, bool second, int valid)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* states = stackalloc float[TCell.RowsAtOnce * Size], previous = stackalloc float[TCell.RowsAtOnce * Size];
        CellGradientBlock copies = block;
        copies.State = states;
        copies.PreviousState = previous;
        copies.StateStride = copies.PreviousStateStride = Size;
        for (int row = 0; row < block.Rows; row++)
        {
            PaddedRow.Fill(block.State + row * block.StateStride, valid, states + row * Size);
            PaddedRow.Fill(block.PreviousState + row * block.PreviousStateStride, valid, previous + row * Size);
        }
        CellStages<TCell>.Backward<TSimd, TVector>(in copies, second);
    }
}
