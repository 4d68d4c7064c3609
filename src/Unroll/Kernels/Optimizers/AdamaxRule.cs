using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Adamax: m ← β₁·m + (1 − β₁)·g; u ← max(β₂·u, |g| + ε); w ← w − rate·m / u, where rate = η / (1 − β₁ᵗ).
/// Slots: m, u.
/// </summary>
internal readonly struct AdamaxRule(float rate, float beta1, float rest1, float beta2, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _beta1 = beta1;
    private readonly float _rest1 = rest1;
    private readonly float _beta2 = beta2;
    private readonly float _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.Average<TSimd, TVector>(first, gradient, _beta1, _rest1);
        TVector size = TSimd.Add(RuleMath.Absolute<TSimd, TVector>(gradient), TSimd.Broadcast(_epsilon));
        second = RuleMath.Larger<TSimd, TVector>(TSimd.Multiply(TSimd.Broadcast(_beta2), second), size);
        value = RuleMath.Descend<TSimd, TVector>(value, TSimd.Divide(first, second), _rate);
    }
}
