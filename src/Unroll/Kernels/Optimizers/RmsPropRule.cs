using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>RMSprop: s ← ρ·s + (1 − ρ)·g²; b ← μ·b + g / (√s + ε); w ← w − η·b. Slots: s, b.</summary>
internal readonly struct RmsPropRule(float rate, float rho, float rest, float momentum, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _rho = rho;
    private readonly float _rest = rest;
    private readonly float _momentum = momentum;
    private readonly float _epsilon = epsilon;

    public static int Slots => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.AverageOfSquares<TSimd, TVector>(first, gradient, _rho, _rest);
        TVector divisor = TSimd.Add(TSimd.SquareRoot(first), TSimd.Broadcast(_epsilon));
        second = TSimd.MultiplyAdd(TSimd.Broadcast(_momentum), second, TSimd.Divide(gradient, divisor));
        value = RuleMath.Descend<TSimd, TVector>(value, second, _rate);
    }
}
