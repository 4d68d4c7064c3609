using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Nadam: m and v as in Adam; w ← w − (gradientRate·g + momentRate·m) / (√v·inverseRoot + ε), where
/// gradientRate = η·(1 − μₜ) / (1 − Πμ), momentRate = η·μₜ₊₁ / (1 − Πμ·μₜ₊₁), inverseRoot = 1 / √(1 − β₂ᵗ).
/// Slots: m, v.
/// </summary>
internal readonly struct NadamRule(float gradientRate, float momentRate, float beta1, float rest1, float beta2, float rest2, float inverseRoot, float epsilon) : IUpdateRule
{
    private readonly float _gradientRate = gradientRate;
    private readonly float _momentRate = momentRate;
    private readonly float _beta1 = beta1;
    private readonly float _rest1 = rest1;
    private readonly float _beta2 = beta2;
    private readonly float _rest2 = rest2;
    private readonly float _inverseRoot = inverseRoot;
    private readonly float _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.Average<TSimd, TVector>(first, gradient, _beta1, _rest1);
        second = RuleMath.AverageOfSquares<TSimd, TVector>(second, gradient, _beta2, _rest2);
        TVector divisor = TSimd.MultiplyAdd(TSimd.SquareRoot(second), TSimd.Broadcast(_inverseRoot), TSimd.Broadcast(_epsilon));
        TVector step = TSimd.MultiplyAdd(TSimd.Broadcast(_gradientRate), gradient, TSimd.Multiply(TSimd.Broadcast(_momentRate), first));
        value = TSimd.Subtract(value, TSimd.Divide(step, divisor));
    }
}
