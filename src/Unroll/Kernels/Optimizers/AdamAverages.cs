using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>What Adam and its kin keep of the gradients: m ← β₁·m + (1 − β₁)·g in the first slot, v ← β₂·v + (1 − β₂)·g² in the second.</summary>
internal readonly struct AdamAverages(double beta1, double beta2)
{
    private readonly float _beta1 = (float)beta1, _rest1 = (float)(1 - beta1);
    private readonly float _beta2 = (float)beta2, _rest2 = (float)(1 - beta2);

    /// <summary>Changes m and v by a gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TSimd, TVector>(TVector gradient, ref TVector moment, ref TVector velocity)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        moment = RuleMath.Average<TSimd, TVector>(moment, gradient, _beta1, _rest1);
        velocity = RuleMath.AverageOfSquares<TSimd, TVector>(velocity, gradient, _beta2, _rest2);
    }
}
