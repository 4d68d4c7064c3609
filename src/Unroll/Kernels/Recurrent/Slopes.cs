using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>Derivatives of the gate activations, from their outputs.</summary>
internal static class Slopes
{
    /// <summary>σ′ = s (1 − s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TSimd, TVector>(TVector s)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Multiply(s, TSimd.Subtract(TSimd.Broadcast(1f), s));

    /// <summary>tanh′ = (1 − t) (1 + t).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TSimd, TVector>(TVector t)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Multiply(TSimd.Subtract(TSimd.Broadcast(1f), t), TSimd.Add(TSimd.Broadcast(1f), t));
}
