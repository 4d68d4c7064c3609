using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>Descent with Nesterov's momentum: b ← μ·b + g; w ← w − η·(g + μ·b). Slot: b.</summary>
internal readonly struct NesterovRule(float rate, float momentum) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _momentum = momentum;

    public static int Slots => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        first = TSimd.MultiplyAdd(TSimd.Broadcast(_momentum), first, gradient);
        value = RuleMath.Descend<TSimd, TVector>(value, TSimd.MultiplyAdd(TSimd.Broadcast(_momentum), first, gradient), _rate);
    }
}
