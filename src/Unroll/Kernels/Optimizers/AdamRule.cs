using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Adam: m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²;
/// w ← w·shrink − rate·m / (√v·inverseRoot + ε), where rate = η / (1 − β₁ᵗ), inverseRoot = 1 / √(1 − β₂ᵗ), and
/// shrink = 1 − η·λ for decoupled decay, 1 without. Slots: m, v.
/// </summary>
internal readonly struct AdamRule(float rate, float shrink, float beta1, float rest1, float beta2, float rest2, float inverseRoot, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _shrink = shrink;
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
        value = RuleMath.Descend<TSimd, TVector>(TSimd.Multiply(value, TSimd.Broadcast(_shrink)), TSimd.Divide(first, divisor), _rate);
    }
}
