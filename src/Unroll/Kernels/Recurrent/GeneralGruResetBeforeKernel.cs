using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary><see cref="GruResetBeforeKernel"/> with activations chosen at run time, any whose slope follows from their value, and a mask of
/// the candidate.</summary>
internal readonly unsafe struct GeneralGruResetBeforeKernel : ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    // Where the buffer holds them, after r.
    private const int Update = Size, Candidate = 2 * Size;

    public static bool IsGeneral => true;
    public static int StoredGroups => GruResetBeforeKernel.StoredGroups;
    public static int InputFirstGroup => GruResetBeforeKernel.InputFirstGroup;
    public static int InputGroups => GruResetBeforeKernel.InputGroups;
    public static int RecurrentFirstGroup => GruResetBeforeKernel.RecurrentFirstGroup;
    public static int RecurrentGroups => GruResetBeforeKernel.RecurrentGroups;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => true;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        CellActivation.Apply<TSimd, TVector>(block.Options.RecurrentActivation, block.Gates, block.GateStride, block.Rows, 2);
        GruResetBeforeKernel.ResetStates<TSimd, TVector>(in block);
    }

    public static void ForwardSecond<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        CellActivation.Apply<TSimd, TVector>(block.Options.Activation, block.Gates + Candidate, block.GateStride, block.Rows, 1);
        GeneralGruKernel.NextState<TSimd, TVector>(in block, Update, Candidate);
    }

    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        GeneralGruKernel.OfState<TSimd, TVector>(in block, Update, Candidate);

    /// <summary>From the gradient of r ⊙ hₜ₋₁ to those of r's sum and of hₜ₋₁.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void BackwardSecond<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* dReset = stackalloc float[ICellKernel.GeneralRows * Size];
        float* gates = block.Gates, previous = block.PreviousState, gradient = block.StateGradient, carry = block.CarryGradient;
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride, previous += block.PreviousStateStride, gradient += block.StateGradientStride, carry += block.CarryGradientStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector dProduct = TSimd.Load(gradient + u);
                TSimd.Store(TSimd.MultiplyAdd(dProduct, TSimd.Load(gates + u), TSimd.Load(carry + u)), carry + u);
                TSimd.Store(TSimd.Multiply(dProduct, TSimd.Load(previous + u)), dReset + row * Size + u);
            }
        CellActivation.Slope<TSimd, TVector>(block.Options.RecurrentActivation, block.Gates, block.GateStride, dReset, Size, block.Gates, block.GateStride, block.Rows);
    }
}
