using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// What follows a tile's products backward: the cell turns the activated gates of a panel's units into the gradients of their
/// pre-activations, in place.
/// </summary>
internal static unsafe class BackwardEpilogue<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;
    private const int PanelWidth = PanelLayout.WideGroups * Size;

    /// <summary>Runs the cell on some rows of a step.</summary>
    /// <param name="sweep">The layer.</param>
    /// <param name="step">The step t.</param>
    /// <param name="panel">The panel of the transposed weights whose units follow.</param>
    /// <param name="first">The first row of the step.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="hasPast">Whether the rows have a step before this one.</param>
    /// <param name="second">Whether this is the cell's second phase.</param>
    /// <param name="gradients">The gradient of the states, 64 floats a row.</param>
    public static void Run<TSimd, TVector>(
        in SweepArguments sweep, int step, int panel, int first, int rows, bool hasPast, bool second, float* gradients)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TSimd.Lanes is 4 or 8) Blocks<SimdPair<TSimd, TVector>, VectorPair<TVector>>(in sweep, step, panel, first, rows, hasPast, second, gradients);
        else Blocks<TSimd, TVector>(in sweep, step, panel, first, rows, hasPast, second, gradients);
    }

    private static void Blocks<TSimd, TVector>(
        in SweepArguments sweep, int step, int panel, int first, int rows, bool hasPast, bool second, float* gradients)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int row = sweep.Sequence.Offset(step) + first;
        float* previousStates = sweep.PreviousStates(step, hasPast, out nint previousStride);
        float* previousCarries = sweep.PreviousCarries(step, hasPast, out nint previousCarryStride);
        for (int b = 0; b < sweep.TransposedLayout.GroupsIn(panel); b++)
        {
            int j = panel * PanelLayout.WideGroups + b, unit = j * Size, valid = Math.Min(Size, sweep.Units - unit);
            var block = new CellGradientBlock
            {
                Gates = sweep.Gates + j * sweep.GateBlockStride + row * sweep.GateRowStride,
                GateStride = sweep.GateRowStride,
                StateGradient = gradients + b * Size,
                StateGradientStride = PanelWidth,
                State = sweep.Output + row * sweep.OutputStride + unit,
                StateStride = sweep.OutputStride,
                PreviousState = previousStates == null ? ZeroRow.Floats : previousStates + first * previousStride + unit,
                PreviousStateStride = previousStates == null ? 0 : previousStride,
                CarryGradient = sweep.CarryGradient + j * sweep.CarryGradientBlockStride + first * Size,
                Rows = rows,
            };
            if (TCell.HasCarry)
            {
                block.Carry = sweep.Carry + j * sweep.CarryBlockStride + (sweep.CarryRow(step) + first) * Size;
                block.PreviousCarry = previousCarries == null ? ZeroRow.Floats : previousCarries + j * previousCarryStride + first * Size;
                block.PreviousCarryStride = previousCarries == null ? 0 : Size;
                block.Peepholes = sweep.Peepholes + j * 3 * Size;
            }
            if (valid == Size) Rows<TSimd, TVector>(block, second);
            else PartialBlock<TSimd, TVector>(in block, second, valid);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows<TSimd, TVector>(CellGradientBlock block, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TCell.HasSecondPhase && second)
        {
            for (int row = block.Rows; row > 0; row--)
            {
                TCell.BackwardSecond<TSimd, TVector>(in block);
                block.Advance();
            }
            return;
        }
        for (int row = block.Rows; row > 0; row--)
        {
            TCell.Backward<TSimd, TVector>(in block);
            block.Advance();
        }
    }

    /// <summary>The last block of units, which do not fill it: states are read from copies whose padding is zero.</summary>
    private static void PartialBlock<TSimd, TVector>(in CellGradientBlock block, bool second, int valid)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* states = stackalloc float[ProductTile.MaximumRows * Size], previous = stackalloc float[ProductTile.MaximumRows * Size];
        CellGradientBlock copies = block;
        copies.State = states;
        copies.PreviousState = previous;
        copies.StateStride = copies.PreviousStateStride = Size;
        for (int row = 0; row < block.Rows; row++)
        {
            PaddedRow.Fill(block.State + row * block.StateStride, valid, states + row * Size);
            PaddedRow.Fill(block.PreviousState + row * block.PreviousStateStride, valid, previous + row * Size);
        }
        Rows<TSimd, TVector>(copies, second);
    }
}
