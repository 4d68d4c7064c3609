using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// Adadelta: s ← ρ·s + (1 − ρ)·g²; d = g·√(a + ε) / √(s + ε); a ← ρ·a + (1 − ρ)·d²; w ← w − η·d. Slots: s, a.
/// </summary>
internal readonly struct AdadeltaRule(float rate, float rho, float rest, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _rho = rho;
    private readonly float _rest = rest;
    private readonly float _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.AverageOfSquares<TSimd, TVector>(first, gradient, _rho, _rest);
        TVector epsilon = TSimd.Broadcast(_epsilon);
        TVector scale = TSimd.Divide(TSimd.SquareRoot(TSimd.Add(second, epsilon)), TSimd.SquareRoot(TSimd.Add(first, epsilon)));
        TVector step = TSimd.Multiply(scale, gradient);
        second = RuleMath.AverageOfSquares<TSimd, TVector>(second, step, _rho, _rest);
        value = RuleMath.Descend<TSimd, TVector>(value, step, _rate);
    }
}
