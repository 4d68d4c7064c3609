using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// What follows a tile's products forward: the cell's arithmetic on a panel's units, row after row, while their
/// pre-activations are in the first-level cache.
/// </summary>
internal static unsafe class ForwardEpilogue<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>Runs the cell on some rows of a step.</summary>
    /// <param name="sweep">The layer.</param>
    /// <param name="step">The step t.</param>
    /// <param name="panel">The panel whose units follow.</param>
    /// <param name="first">The first row of the step.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="hasPast">Whether the rows have a step before this one.</param>
    /// <param name="second">Whether this is the cell's second phase.</param>
    public static void Run<TSimd, TVector>(in SweepArguments sweep, int step, int panel, int first, int rows, bool hasPast, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TSimd.Lanes is 4 or 8) Blocks<SimdPair<TSimd, TVector>, VectorPair<TVector>>(in sweep, step, panel, first, rows, hasPast, second);
        else Blocks<TSimd, TVector>(in sweep, step, panel, first, rows, hasPast, second);
    }

    private static void Blocks<TSimd, TVector>(in SweepArguments sweep, int step, int panel, int first, int rows, bool hasPast, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int row = sweep.Sequence.Offset(step) + first;
        float* previousStates = sweep.PreviousStates(step, hasPast, out nint previousStride);
        float* previousCarries = sweep.PreviousCarries(step, hasPast, out nint previousCarryStride);
        int firstBlock = sweep.FirstBlockOf(panel), blocks = sweep.BlocksIn(panel);
        for (int j = firstBlock; j < firstBlock + blocks; j++)
        {
            int unit = j * Size, valid = Math.Min(Size, sweep.Units - unit);
            var block = new CellBlock
            {
                Gates = sweep.Gates + j * sweep.GateBlockStride + row * sweep.GateRowStride,
                GateStride = sweep.GateRowStride,
                State = sweep.Output + row * sweep.OutputStride + unit,
                StateStride = sweep.OutputStride,
                PreviousState = previousStates == null ? ZeroRow.Floats : previousStates + first * previousStride + unit,
                PreviousStateStride = previousStates == null ? 0 : previousStride,
                Rows = rows,
            };
            if (TCell.HasCarry)
            {
                block.Carry = sweep.Carry + j * sweep.CarryBlockStride + (sweep.CarryRow(step) + first) * Size;
                block.PreviousCarry = previousCarries == null ? ZeroRow.Floats : previousCarries + j * previousCarryStride + first * Size;
                block.PreviousCarryStride = previousCarries == null ? 0 : Size;
                block.Peepholes = sweep.Peepholes + j * 3 * Size;
            }
            if (TCell.HasSecondPhase)
            {
                block.ResetState = sweep.ResetStatesOf(step) + (nint)first * sweep.Layout.PaddedUnits + unit;
                block.ResetStateStride = sweep.Layout.PaddedUnits;
            }
            if (valid == Size) Cell<TSimd, TVector>(in block, second);
            else PartialBlock<TSimd, TVector>(in block, second, valid);
        }
    }

    private static void Cell<TSimd, TVector>(in CellBlock block, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TCell.HasSecondPhase && second) TCell.ForwardSecond<TSimd, TVector>(in block);
        else TCell.Forward<TSimd, TVector>(in block);
    }

    /// <summary>The last block of units, which do not fill it: states go through copies whose padding is zero.</summary>
    private static void PartialBlock<TSimd, TVector>(in CellBlock block, bool second, int valid)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* states = stackalloc float[ProductTile.MaximumRows * Size], previous = stackalloc float[ProductTile.MaximumRows * Size];
        CellBlock copies = block;
        copies.State = states;
        copies.PreviousState = previous;
        copies.StateStride = copies.PreviousStateStride = Size;
        for (int row = 0; row < block.Rows; row++) PaddedRow.Fill(block.PreviousState + row * block.PreviousStateStride, valid, previous + row * Size);
        Cell<TSimd, TVector>(in copies, second);
        if (second != TCell.HasSecondPhase) return; // the state follows in the second phase
        for (int row = 0; row < block.Rows; row++)
            new Span<float>(states + row * Size, valid).CopyTo(new Span<float>(block.State + row * block.StateStride, valid));
    }
}
