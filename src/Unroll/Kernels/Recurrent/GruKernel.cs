using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// GRU with the reset gate after the recurrent product (cuDNN; Keras's <c>reset_after</c>; arXiv 1406.1078 v3 has it before):
/// <code>
/// r = σ(aᵣ)   z = σ(a_z)   n = tanh(nₓ + r ⊙ n_h)   hₜ = (1 − z) ⊙ n + z ⊙ hₜ₋₁
/// </code>
/// The buffer holds n_h, r, z, nₓ in that order, so that the groups of the recurrent product (the first three) and those of
/// the input product (the last three) both lie together, forward and backward.
/// </summary>
internal readonly unsafe struct GruKernel : ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static int StoredGroups => 4;
    public static int InputFirstGroup => 1;
    public static int InputGroups => 3;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 3;
    public static bool HasOwnRecurrentBias => true;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        GateActivation.Run<SigmoidMap, TSimd, TVector>(default, block.Gates + Size, block.GateStride, block.Rows, 2);
        NextState<TSimd, TVector>(in block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextState<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousState, state = block.State;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousStateStride, state += block.StateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector candidate = TanhFunction.Of<TSimd, TVector>(TSimd.MultiplyAdd(
                    TSimd.Load(gates + Size + u), TSimd.Load(gates + u), TSimd.Load(gates + 3 * Size + u)));
                TSimd.Store(candidate, gates + 3 * Size + u);
                TSimd.Store(TSimd.MultiplyAdd(
                    TSimd.Load(gates + 2 * Size + u), TSimd.Subtract(TSimd.Load(previous + u), candidate), candidate), state + u);
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
                TVector hidden = TSimd.Load(gates + u), reset = TSimd.Load(gates + 16 + u);
                TVector update = TSimd.Load(gates + 32 + u), candidate = TSimd.Load(gates + 48 + u);
                TVector dState = TSimd.Add(TSimd.Load(block.StateGradient + u), TSimd.Load(block.CarryGradient + u));
                TVector kept = TSimd.Multiply(dState, update);
                TVector dCandidate = TSimd.Multiply(TSimd.Subtract(dState, kept), Slopes.Tanh<TSimd, TVector>(candidate));
                TVector dUpdate = TSimd.Multiply(
                    TSimd.Multiply(dState, TSimd.Subtract(TSimd.Load(block.PreviousState + u), candidate)), Slopes.Sigmoid<TSimd, TVector>(update));
                TVector dReset = TSimd.Multiply(TSimd.Multiply(dCandidate, hidden), Slopes.Sigmoid<TSimd, TVector>(reset));
                TSimd.Store(TSimd.Multiply(dCandidate, reset), gates + u);
                TSimd.Store(dReset, gates + 16 + u);
                TSimd.Store(dUpdate, gates + 32 + u);
                TSimd.Store(dCandidate, gates + 48 + u);
                TSimd.Store(kept, block.CarryGradient + u);
            }
        }
    }
}
