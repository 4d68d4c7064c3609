using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Streaming;

/// <summary>
/// One step of one cell: a few blocks of units at a time the bias, the input product and the recurrent product in one chain
/// of fused multiply-adds, then the cell's epilogue, as in <see cref="ForwardSweep{TCell}"/>.
/// </summary>
internal readonly unsafe struct RecurrentStep<TCell, TProduct> : ISimdKernel<RecurrentStepArguments>
    where TCell : struct, ICellKernel where TProduct : struct, IStreamProduct
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>Blocks at a time: a multiple of what any vector's product takes, and enough for the epilogue's rows to overlap.</summary>
    private const int Chunk = 8;

    public static void Run<TSimd, TVector>(in RecurrentStepArguments step)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int chunks = (step.EndBlock - step.FirstBlock + Chunk - 1) / Chunk;
        for (int c = 0; c < chunks; c++)
        {
            int first = step.FirstBlock + (step.Descending ? chunks - 1 - c : c) * Chunk, end = Math.Min(first + Chunk, step.EndBlock);
            TProduct.Run<TSimd, TVector>(step.Input, step.X, step.Initial, step.Gates, first * TCell.InputGroups, end * TCell.InputGroups);
            if (TCell.HasOwnRecurrentBias) CopyRecurrentBias(in step, first, end);
            if (TCell.RecurrentGroups > 0 && step.HasPast)
                TProduct.Run<TSimd, TVector>(step.Recurrent, step.PreviousOperand, step.Gates, step.Gates, first * TCell.RecurrentGroups, end * TCell.RecurrentGroups);
            CellBlock units = step.Units(first, end, TCell.StoredGroups, TCell.UnitWeightGroups);
            CellStages<TCell>.Forward<TSimd, TVector>(in units, second: false);
        }
    }

    /// <summary>The sum of a group that only the recurrent product fills starts from its own bias.</summary>
    private static void CopyRecurrentBias(in RecurrentStepArguments step, int first, int end)
    {
        for (int block = first; block < end; block++)
        {
            int at = block * TCell.StoredGroups * Size;
            new ReadOnlySpan<float>(step.Initial + at, Size).CopyTo(new Span<float>(step.Gates + at, Size));
        }
    }
}
