using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Nadam: m and v as in Adam; w ← w − (gradientRate·g + momentRate·m) / (√v·inverseRoot + ε), where
/// gradientRate = η·(1 − μₜ) / (1 − Πμ), momentRate = η·μₜ₊₁ / (1 − Πμ·μₜ₊₁), inverseRoot = 1 / √(1 − β₂ᵗ).
/// Slots: m, v.
/// </summary>
internal readonly struct NadamRule(AdamAverages averages, float gradientRate, float momentRate, float inverseRoot, float epsilon) : IUpdateRule
{
    private readonly AdamAverages _averages = averages;
    private readonly float _gradientRate = gradientRate, _momentRate = momentRate, _inverseRoot = inverseRoot, _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        _averages.Add<TSimd, TVector>(gradient, ref first, ref second);
        TVector divisor = TSimd.MultiplyAdd(TSimd.SquareRoot(second), TSimd.Broadcast(_inverseRoot), TSimd.Broadcast(_epsilon));
        TVector step = TSimd.MultiplyAdd(TSimd.Broadcast(_gradientRate), gradient, TSimd.Multiply(TSimd.Broadcast(_momentRate), first));
        value = TSimd.Subtract(value, TSimd.Divide(step, divisor));
    }
}
