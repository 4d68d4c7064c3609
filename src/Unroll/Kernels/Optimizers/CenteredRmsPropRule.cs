using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// RMSprop about the mean: s ← ρ·s + (1 − ρ)·g²; a ← ρ·a + (1 − ρ)·g; b ← μ·b + g / (√(s − a²) + ε); w ← w − η·b.
/// Slots: s, a, b. The variance s − a² is held at 0 where rounding takes it below.
/// </summary>
internal readonly struct CenteredRmsPropRule(float rate, float rho, float rest, float momentum, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _rho = rho;
    private readonly float _rest = rest;
    private readonly float _momentum = momentum;
    private readonly float _epsilon = epsilon;

    public static int Slots => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.AverageOfSquares<TSimd, TVector>(first, gradient, _rho, _rest);
        second = RuleMath.Average<TSimd, TVector>(second, gradient, _rho, _rest);
        TVector variance = TSimd.Subtract(first, TSimd.Multiply(second, second));
        variance = RuleMath.Larger<TSimd, TVector>(TSimd.Zero, variance);
        TVector divisor = TSimd.Add(TSimd.SquareRoot(variance), TSimd.Broadcast(_epsilon));
        third = TSimd.MultiplyAdd(TSimd.Broadcast(_momentum), third, TSimd.Divide(gradient, divisor));
        value = RuleMath.Descend<TSimd, TVector>(value, third, _rate);
    }
}
