using System.Runtime.CompilerServices;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The independently recurrent layer (Li et al. 2018): hₜ = φ(a + u ⊙ hₜ₋₁), u held within ± its limit. No product reads the
/// states; the buffer keeps the sum or hₜ, whichever the slope follows from.
/// </summary>
internal readonly unsafe struct IndependentKernel : ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static bool IsGeneral => true;
    public static int StoredGroups => 1;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 1;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 0;
    public static int UnitWeightGroups => 1;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        AddState<TSimd, TVector>(in block);
        CellActivation.Apply<TSimd, TVector>(block.Options.Activation, block.State, block.StateStride, block.Rows, 1);
        if (block.Options.Activation.GradientFromOutput()) GeneralSimpleKernel.KeepState<TSimd, TVector>(in block);
    }

    /// <summary>a += u ⊙ hₜ₋₁, also where the state will stand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddState<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* sums = block.Gates, previous = block.PreviousState, state = block.State, weights = block.UnitWeights;
        float* mask = MaskOf(in block.Noise, out nint maskStride);
        TVector limit = TSimd.Broadcast(block.Options.Limit);
        for (int row = block.Rows; row > 0; row--, sums += block.GateStride, previous += block.PreviousStateStride, state += block.StateStride, weights += block.UnitWeightStride, mask += maskStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector weight = CellOptions.Within<TSimd, TVector>(limit, TSimd.Load(weights + u));
                TVector sum = TSimd.MultiplyAdd(weight, TSimd.Multiply(TSimd.Load(mask + u), TSimd.Load(previous + u)), TSimd.Load(sums + u));
                TSimd.Store(sum, sums + u);
                TSimd.Store(sum, state + u);
            }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* dState = stackalloc float[ICellKernel.GeneralRows * Size];
        float* gradient = block.StateGradient, carry = block.CarryGradient, gates = block.Gates, weights = block.UnitWeights;
        TVector limit = TSimd.Broadcast(block.Options.Limit);
        for (int row = 0; row < block.Rows; row++, gradient += block.StateGradientStride, carry += block.CarryGradientStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(TSimd.Add(TSimd.Load(gradient + u), TSimd.Load(carry + u)), dState + row * Size + u);
        CellActivation.Slope<TSimd, TVector>(block.Options.Activation, gates, block.GateStride, dState, Size, gates, block.GateStride, block.Rows);
        float* mask = MaskOf(in block.Noise, out nint maskStride);
        carry = block.CarryGradient;
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride, carry += block.CarryGradientStride, weights += block.UnitWeightStride, mask += maskStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector weight = CellOptions.Within<TSimd, TVector>(limit, TSimd.Load(weights + u));
                TSimd.Store(TSimd.Multiply(TSimd.Multiply(weight, TSimd.Load(mask + u)), TSimd.Load(gates + u)), carry + u);
            }
    }

    /// <summary>What the state is multiplied by before u is.</summary>
    private static float* MaskOf(in CellNoise noise, out nint stride)
    {
        stride = noise.StateMask == null ? 0 : noise.StateMaskStride;
        return noise.StateMask == null ? OneRow.Floats : noise.StateMask;
    }
}
