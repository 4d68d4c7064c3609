using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Scans;

/// <summary>
/// What of a candidate n enters the state of a cell whose gates do not see the state: h′ = h + z ⊙ (n − h). The share z comes from
/// the sums that the input's product gave.
/// </summary>
internal interface IScanGate
{
    /// <summary>Sums of a unit: one or two for z, then n.</summary>
    static abstract int Sums { get; }

    /// <summary>z from the sums; <paramref name="second"/> is not read by a gate of one.</summary>
    static abstract TVector Share<TSimd, TVector>(TVector first, TVector second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>The gradients of the sums from that of z's logit, dz · z (1 − z).</summary>
    static abstract (TVector First, TVector Second) Gradient<TSimd, TVector>(TVector first, TVector second, TVector ofLogit)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}
