using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>The natural logarithm within 2 ulp, denormals included. log 0 = −∞, log ∞ = ∞, of a negative number or NaN it is NaN.</summary>
internal static class LogFunction
{
    private const int RootHalfBits = 0x3F3504F3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // Denormals are scaled up by 2^23, and their exponent corrected.
        TVector tiny = TSimd.LessThan(x, TSimd.Broadcast(1.17549435e-38f));
        TVector scaled = TSimd.Select(tiny, TSimd.Multiply(x, TSimd.Broadcast(8388608f)), x);
        Split<TSimd, TVector>(scaled, out TVector exponent, out TVector mantissa);
        exponent = TSimd.Subtract(TSimd.BitsToFloat(exponent), TSimd.BitwiseAnd(tiny, TSimd.Broadcast(23f)));
        TVector result = Combine<TSimd, TVector>(exponent, TSimd.Subtract(mantissa, TSimd.Broadcast(1f)));
        return WithSpecialValues<TSimd, TVector>(x, result);
    }

    /// <summary>x = 2^exponent · mantissa with √½ ≤ mantissa &lt; √2, for normal positive x; the exponent as an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Split<TSimd, TVector>(TVector x, out TVector exponent, out TVector mantissa)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector bits = TSimd.AddBits(x, TSimd.Broadcast(BitConverter.Int32BitsToSingle(-RootHalfBits)));
        exponent = TSimd.ShiftBitsRight(bits, 23);
        mantissa = TSimd.AddBits(
            TSimd.BitwiseAnd(bits, TSimd.Broadcast(BitConverter.Int32BitsToSingle(0x007FFFFF))),
            TSimd.Broadcast(BitConverter.Int32BitsToSingle(RootHalfBits)));
    }

    /// <summary>exponent · ln 2 + log(1 + f) for √½ − 1 ≤ f &lt; √2 − 1, good relative to itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Combine<TSimd, TVector>(TVector exponent, TVector f)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // log(1 + f) = f - f²/2 + f³ q(f).
        TVector q = TSimd.Broadcast(0.0535653085f);
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(-0.109252743f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(0.121078461f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(-0.125488982f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(0.142095655f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(-0.16659382f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(0.200022236f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(-0.250001669f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(0.333333135f));
        q = TSimd.MultiplyAdd(q, f, TSimd.Broadcast(-0.5f));
        q = TSimd.MultiplyAdd(TSimd.Multiply(f, f), q, f);
        // The product is exact inside the fused operation, and the rest of ln 2 is too small to matter.
        return TSimd.MultiplyAdd(exponent, TSimd.Broadcast(0.693147182f), q);
    }

    /// <summary>The result, or what the logarithm is where x is not a positive finite number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector WithSpecialValues<TSimd, TVector>(TVector x, TVector result)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector outside = TSimd.Select(
            TSimd.Equal(x, TSimd.Zero), TSimd.Broadcast(float.NegativeInfinity), TSimd.Broadcast(float.NaN));
        result = TSimd.Select(TSimd.LessThan(x, TSimd.Broadcast(float.PositiveInfinity)), result, x);
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, x), result, outside);
    }
}

/// <summary><see cref="LogFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct LogMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        LogFunction.Of<TSimd, TVector>(x);
}
