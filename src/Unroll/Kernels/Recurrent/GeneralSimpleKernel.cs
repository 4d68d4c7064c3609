using System.Runtime.CompilerServices;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The simple recurrent layer with an activation chosen at run time: hₜ = φ(a). The buffer keeps a
/// or hₜ, whichever the slope follows from.
/// </summary>
internal readonly unsafe struct GeneralSimpleKernel : ICellKernel
{
    public static bool IsGeneral => true;
    public static int StoredGroups => 1;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 1;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 1;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* sums = block.Gates, state = block.State;
        for (int row = block.Rows; row > 0; row--, sums += block.GateStride, state += block.StateStride)
            for (int u = 0; u < PanelLayout.GroupSize; u += TSimd.Lanes) TSimd.Store(TSimd.Load(sums + u), state + u);
        CellActivation.Apply<TSimd, TVector>(block.Options.Activation, block.State, block.StateStride, block.Rows, 1);
        if (block.Options.Activation.GradientFromOutput()) KeepState<TSimd, TVector>(in block);
    }

    /// <summary>Puts the state where its sum was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void KeepState<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* kept = block.Gates, state = block.State;
        for (int row = block.Rows; row > 0; row--, kept += block.GateStride, state += block.StateStride)
            for (int u = 0; u < PanelLayout.GroupSize; u += TSimd.Lanes) TSimd.Store(TSimd.Load(state + u), kept + u);
    }

    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        CellActivation.Slope<TSimd, TVector>(block.Options.Activation, block.Gates, block.GateStride,
            block.StateGradient, block.StateGradientStride, block.Gates, block.GateStride, block.Rows);
}
