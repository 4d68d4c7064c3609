using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// AMSGrad: m and v as in Adam; n ← max(n, v);
/// w ← w·shrink − rate·m / (√n·inverseRoot + ε), where rate = η / (1 − β₁ᵗ), inverseRoot = 1 / √(1 − β₂ᵗ), and
/// shrink = 1 − η·λ for decoupled decay, 1 without. Slots: m, v, n.
/// </summary>
internal readonly struct AmsGradRule(AdamAverages averages, float rate, float shrink, float inverseRoot, float epsilon) : IUpdateRule
{
    private readonly AdamAverages _averages = averages;
    private readonly float _rate = rate, _shrink = shrink, _inverseRoot = inverseRoot, _epsilon = epsilon;

    public static int Slots => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        _averages.Add<TSimd, TVector>(gradient, ref first, ref second);
        third = RuleMath.Larger<TSimd, TVector>(third, second);
        TVector divisor = TSimd.MultiplyAdd(TSimd.SquareRoot(third), TSimd.Broadcast(_inverseRoot), TSimd.Broadcast(_epsilon));
        value = RuleMath.Descend<TSimd, TVector>(TSimd.Multiply(value, TSimd.Broadcast(_shrink)), TSimd.Divide(first, divisor), _rate);
    }
}
