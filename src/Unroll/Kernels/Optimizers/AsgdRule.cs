using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Averaged descent: w ← w·shrink − η·g, where shrink = 1 − λ·η; a ← a + μ·(w − a). Slot: a, the average.
/// </summary>
internal readonly struct AsgdRule(float rate, float shrink, float share) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _shrink = shrink;
    private readonly float _share = share;

    public static int Slots => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        value = RuleMath.Descend<TSimd, TVector>(TSimd.Multiply(value, TSimd.Broadcast(_shrink)), gradient, _rate);
        if (_share == 1) first = value; // a + (w − a) rounds
        else first = TSimd.MultiplyAdd(TSimd.Broadcast(_share), TSimd.Subtract(value, first), first);
    }
}
