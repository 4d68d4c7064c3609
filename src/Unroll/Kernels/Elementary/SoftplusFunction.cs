using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// log(1 + e^x) within 2 ulp, without overflow: max(x, 0) + log(1 + e^(−|x|)). NaN stays NaN.
/// </summary>
internal static class SoftplusFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector minusMagnitude = TSimd.BitwiseOr(x, TSimd.Broadcast(-0f));
        TVector rest = Log1pFunction.Of<TSimd, TVector>(ExpFunction.Of<TSimd, TVector>(minusMagnitude));
        return TSimd.Add(TSimd.Maximum(TSimd.Zero, x), rest);
    }
}

/// <summary><see cref="SoftplusFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct SoftplusMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        SoftplusFunction.Of<TSimd, TVector>(x);
}
