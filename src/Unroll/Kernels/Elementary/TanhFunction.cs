using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// tanh x within 3 ulp everywhere, exactly odd, never beyond ±1; NaN stays NaN. Eighteen operations, one of them a
/// divide. With |x| = n·ln 2/2 + h, t = tanh h and s = 2^n, tanh |x| = u/(u + 2 − 2t) where u = (s − 1) + t(s + 1):
/// exactly t for n = 0, no cancellation elsewhere, and as u also stands below, its rounding fades towards 1. A rational
/// x·P(x²)/Q(x²) is four operations shorter, but close to 1 each of its last roundings may cost an ulp.
/// </summary>
internal static class TanhFunction
{
    // Adding this rounds to an integer n and leaves n + 127, the exponent field of 2^n, in the low bits of the sum.
    private const float Rounding = 12582912f + 127f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector sign = TSimd.BitwiseAnd(x, TSimd.Broadcast(-0f));
        // At 10 the result is already exactly 1.
        TVector a = TSimd.Minimum(TSimd.Broadcast(10f), TSimd.BitwiseXor(x, sign));

        // a = n ln 2 / 2 + h. As n is at most 29 and its error fades as s grows, one constant for ln 2 is enough.
        TVector rounded = TSimd.MultiplyAdd(a, TSimd.Broadcast(2.88539004f), TSimd.Broadcast(Rounding));
        TVector h = TSimd.MultiplyAdd(TSimd.Subtract(TSimd.Broadcast(Rounding), rounded), TSimd.Broadcast(0.346573591f), a);

        // t = h + h³ q(h²).
        TVector square = TSimd.Multiply(h, h);
        TVector t = TSimd.MultiplyAdd(TSimd.Broadcast(0.131107464f), square, TSimd.Broadcast(-0.33331275f));
        t = TSimd.MultiplyAdd(TSimd.Multiply(square, t), h, h);

        TVector scale = TSimd.ShiftBitsLeft(rounded, 23);
        TVector numerator = TSimd.MultiplyAdd(t, TSimd.Add(scale, TSimd.Broadcast(1f)), TSimd.Subtract(scale, TSimd.Broadcast(1f)));
        TVector difference = TSimd.MultiplyAdd(t, TSimd.Broadcast(-2f), TSimd.Broadcast(2f));
        TVector result = TSimd.Divide(numerator, TSimd.Add(numerator, difference));
        return TSimd.BitwiseXor(result, sign);
    }
}

/// <summary><see cref="TanhFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct TanhMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TanhFunction.Of<TSimd, TVector>(x);
}
