using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Rectified Adam once the variance is tractable: m and v as in Adam; w ← w − rate·m / (√v + ε), where
/// rate = η·r·√(1 − β₂ᵗ) / (1 − β₁ᵗ) and r is the rectification. Slots: m, v.
/// </summary>
internal readonly struct RAdamRule(float rate, float beta1, float rest1, float beta2, float rest2, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _beta1 = beta1;
    private readonly float _rest1 = rest1;
    private readonly float _beta2 = beta2;
    private readonly float _rest2 = rest2;
    private readonly float _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.Average<TSimd, TVector>(first, gradient, _beta1, _rest1);
        second = RuleMath.AverageOfSquares<TSimd, TVector>(second, gradient, _beta2, _rest2);
        TVector divisor = TSimd.Add(TSimd.SquareRoot(second), TSimd.Broadcast(_epsilon));
        value = RuleMath.Descend<TSimd, TVector>(value, TSimd.Divide(first, divisor), _rate);
    }
}
