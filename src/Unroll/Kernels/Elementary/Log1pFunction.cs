using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// log(1 + x) within 2 ulp, near 0 too; −0 stays −0. At −1 it is −∞, below −1 and for NaN it is NaN, at ∞ it is ∞.
/// </summary>
internal static class Log1pFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector u = TSimd.Add(x, TSimd.Broadcast(1f));
        LogFunction.Split<TSimd, TVector>(u, out TVector exponent, out TVector mantissa);

        // f = 2^-k (1 + x) - 1 from x itself, rounded once: u has lost x's low bits. Where u is large they do not matter.
        TVector scale = TSimd.SubtractBits(TSimd.Broadcast(1f), TSimd.ShiftBitsLeft(exponent, 23));
        TVector fine = TSimd.MultiplyAdd(x, scale, TSimd.Subtract(scale, TSimd.Broadcast(1f)));
        TVector coarse = TSimd.Subtract(mantissa, TSimd.Broadcast(1f));
        TVector f = TSimd.Select(TSimd.LessThan(u, TSimd.Broadcast(33554432f)), fine, coarse);

        TVector result = LogFunction.Combine<TSimd, TVector>(TSimd.BitsToFloat(exponent), f);
        result = LogFunction.WithSpecialValues<TSimd, TVector>(u, result);
        return TSimd.Select(TSimd.Equal(x, TSimd.Zero), x, result);
    }
}

/// <summary><see cref="Log1pFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct Log1pMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        Log1pFunction.Of<TSimd, TVector>(x);
}
