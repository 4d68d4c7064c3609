using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// GRU with the reset gate before the recurrent product (Cho et al. 2014; Keras's <c>reset_after=False</c>), in two phases
/// because the product of n needs every unit's r:
/// <code>
/// r = σ(aᵣ)   z = σ(a_z)      then      n = tanh(nₓ + (r ⊙ hₜ₋₁) · W_n)   hₜ = (1 − z) ⊙ n + z ⊙ hₜ₋₁
/// </code>
/// The buffer holds r, z, n.
/// </summary>
internal readonly unsafe struct GruResetBeforeKernel : ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static int StoredGroups => 3;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 3;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 2;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => true;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        GateActivation.Run<SigmoidMap, TSimd, TVector>(default, block.Gates, block.GateStride, block.Rows, 2);
        ResetStates<TSimd, TVector>(in block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void ResetStates<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* reset = block.Gates, previous = block.PreviousState, target = block.ResetState;
        for (int row = block.Rows; row > 0; row--, reset += block.GateStride, previous += block.PreviousStateStride, target += block.ResetStateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(TSimd.Multiply(TSimd.Load(reset + u), TSimd.Load(previous + u)), target + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void ForwardSecond<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousState, state = block.State;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousStateStride, state += block.StateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector candidate = TanhFunction.Of<TSimd, TVector>(TSimd.Load(gates + 2 * Size + u));
                TSimd.Store(candidate, gates + 2 * Size + u);
                TSimd.Store(TSimd.MultiplyAdd(
                    TSimd.Load(gates + Size + u), TSimd.Subtract(TSimd.Load(previous + u), candidate), candidate), state + u);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (; block.Rows > 0; block.Advance(1))
        {
            float* gates = block.Gates;
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector update = TSimd.Load(gates + 16 + u), candidate = TSimd.Load(gates + 32 + u);
                TVector dState = TSimd.Add(TSimd.Load(block.StateGradient + u), TSimd.Load(block.CarryGradient + u));
                TVector kept = TSimd.Multiply(dState, update);
                TSimd.Store(TSimd.Multiply(TSimd.Subtract(dState, kept), Slopes.Tanh<TSimd, TVector>(candidate)), gates + 32 + u);
                TSimd.Store(
                    TSimd.Multiply(
                        TSimd.Multiply(dState, TSimd.Subtract(TSimd.Load(block.PreviousState + u), candidate)),
                        Slopes.Sigmoid<TSimd, TVector>(update)),
                    gates + 16 + u);
                TSimd.Store(kept, block.CarryGradient + u);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void BackwardSecond<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (; block.Rows > 0; block.Advance(1))
        {
            float* gates = block.Gates;
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector reset = TSimd.Load(gates + u);
                TVector dProduct = TSimd.Load(block.StateGradient + u);
                TSimd.Store(TSimd.MultiplyAdd(dProduct, reset, TSimd.Load(block.CarryGradient + u)), block.CarryGradient + u);
                TSimd.Store(
                    TSimd.Multiply(TSimd.Multiply(dProduct, TSimd.Load(block.PreviousState + u)), Slopes.Sigmoid<TSimd, TVector>(reset)),
                    gates + u);
            }
        }
    }
}
