using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Streaming;

/// <summary>The second round of a step, for a cell whose last group needs every unit's reset gate.</summary>
internal readonly struct RecurrentSecondStep<TCell, TProduct> : ISimdKernel<RecurrentStepArguments>
    where TCell : struct, ICellKernel where TProduct : struct, IStreamProduct
{
    public static unsafe void Run<TSimd, TVector>(in RecurrentStepArguments step)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int later = TCell.InputGroups - TCell.RecurrentGroups, offset = step.Recurrent.FirstLater;
        if (step.HasPast)
            TProduct.Run<TSimd, TVector>(step.Recurrent, step.PreviousOperand, step.Gates, step.Gates, offset + step.FirstBlock * later, offset + step.EndBlock * later);
        CellBlock units = step.Units(step.FirstBlock, step.EndBlock, TCell.StoredGroups, TCell.UnitWeightGroups);
        CellStages<TCell>.Forward<TSimd, TVector>(in units, second: true);
    }
}
