using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
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
    public static int StoredGroups => 4;
    public static int InputFirstGroup => 1;
    public static int InputGroups => 3;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 3;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates;
        for (int u = 0; u < 16; u += TSimd.Lanes)
        {
            TVector previous = TSimd.Load(block.PreviousState + u);
            TVector reset = SigmoidFunction.Of<TSimd, TVector>(TSimd.Load(gates + 16 + u));
            TVector update = SigmoidFunction.Of<TSimd, TVector>(TSimd.Load(gates + 32 + u));
            TVector candidate = TanhFunction.Of<TSimd, TVector>(
                TSimd.MultiplyAdd(reset, TSimd.Load(gates + u), TSimd.Load(gates + 48 + u)));
            TSimd.Store(reset, gates + 16 + u);
            TSimd.Store(update, gates + 32 + u);
            TSimd.Store(candidate, gates + 48 + u);
            TSimd.Store(TSimd.MultiplyAdd(update, TSimd.Subtract(previous, candidate), candidate), block.State + u);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TSimd, TVector>(in CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates;
        for (int u = 0; u < 16; u += TSimd.Lanes)
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
