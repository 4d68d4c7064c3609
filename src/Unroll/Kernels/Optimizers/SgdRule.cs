using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>Plain descent: w ← w − η·g.</summary>
internal readonly struct SgdRule(float rate) : IUpdateRule
{
    private readonly float _rate = rate;

    public static int Slots => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        value = RuleMath.Descend<TSimd, TVector>(value, gradient, _rate);
    }
}
