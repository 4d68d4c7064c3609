using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Rectified Adam's first steps, before the variance is tractable: m and v as in Adam; w ← w − rate·m, where
/// rate = η / (1 − β₁ᵗ). Slots: m, v.
/// </summary>
internal readonly struct UnrectifiedRAdamRule(AdamAverages averages, float rate) : IUpdateRule
{
    private readonly AdamAverages _averages = averages;
    private readonly float _rate = rate;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        _averages.Add<TSimd, TVector>(gradient, ref first, ref second);
        value = RuleMath.Descend<TSimd, TVector>(value, first, _rate);
    }
}
