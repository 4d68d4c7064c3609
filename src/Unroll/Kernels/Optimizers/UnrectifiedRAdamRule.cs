using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Rectified Adam's first steps, before the variance is tractable: m and v as in Adam; w ← w − rate·m, where
/// rate = η / (1 − β₁ᵗ). Slots: m, v.
/// </summary>
internal readonly struct UnrectifiedRAdamRule(float rate, float beta1, float rest1, float beta2, float rest2) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _beta1 = beta1;
    private readonly float _rest1 = rest1;
    private readonly float _beta2 = beta2;
    private readonly float _rest2 = rest2;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.Average<TSimd, TVector>(first, gradient, _beta1, _rest1);
        second = RuleMath.AverageOfSquares<TSimd, TVector>(second, gradient, _beta2, _rest2);
        value = RuleMath.Descend<TSimd, TVector>(value, first, _rate);
    }
}
