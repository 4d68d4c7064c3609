using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>RMSprop without momentum: s ← ρ·s + (1 − ρ)·g²; w ← w − η·g / (√s + ε). Slot: s.</summary>
internal readonly struct PlainRmsPropRule(float rate, float rho, float rest, float epsilon) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _rho = rho;
    private readonly float _rest = rest;
    private readonly float _epsilon = epsilon;

    public static int Slots => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = RuleMath.AverageOfSquares<TSimd, TVector>(first, gradient, _rho, _rest);
        TVector divisor = TSimd.Add(TSimd.SquareRoot(first), TSimd.Broadcast(_epsilon));
        value = RuleMath.Descend<TSimd, TVector>(value, TSimd.Divide(gradient, divisor), _rate);
    }
}
