using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Rectified Adam once the variance is tractable: m and v as in Adam; w ← w − rate·m / (√v + ε), where
/// rate = η·r·√(1 − β₂ᵗ) / (1 − β₁ᵗ) and r is the rectification. Slots: m, v.
/// </summary>
internal readonly struct RAdamRule(AdamAverages averages, float rate, float epsilon) : IUpdateRule
{
    private readonly AdamAverages _averages = averages;
    private readonly float _rate = rate, _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        _averages.Add<TSimd, TVector>(gradient, ref first, ref second);
        TVector divisor = TSimd.Add(TSimd.SquareRoot(second), TSimd.Broadcast(_epsilon));
        value = RuleMath.Descend<TSimd, TVector>(value, TSimd.Divide(first, divisor), _rate);
    }
}
