using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// tanh x within 2 ulp everywhere, exactly odd, never beyond ±1; NaN stays NaN. Nineteen operations, one of them a
/// divide. With |x| = n·ln 2/2 + h, Q = (1 − e^(−2h))/2 and S = 2^(n−1), tanh |x| = (S − ½ + Q) / (S + ½ − Q): no
/// cancellation near 0, where it is Q/(1 − Q), nor elsewhere. Shorter forms (a rational x·P(x²)/Q(x²); tanh h as an odd
/// polynomial with the addition theorem; e^(2|x|) − 1 in place of 1 − e^(−2|x|)) lose 2.3 to 3 ulp, because their
/// denominators round just above a power of two where the result lies just below one.
/// </summary>
internal static class TanhFunction
{
    // Adding this rounds to an integer n and leaves n + 126, the exponent field of 2^(n - 1), in the low bits of the sum.
    private const float Rounding = 12582912f + 126f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector sign = TSimd.BitwiseAnd(x, TSimd.Broadcast(-0f));
        // At 10 the result is already exactly 1.
        TVector a = TSimd.Minimum(TSimd.Broadcast(10f), TSimd.BitwiseXor(x, sign));

        // As n is at most 29 and its error fades as S grows, one constant for ln 2 is enough.
        TVector rounded = TSimd.MultiplyAdd(a, TSimd.Broadcast(2.88539004f), TSimd.Broadcast(Rounding));
        TVector h = TSimd.MultiplyAdd(TSimd.Subtract(TSimd.Broadcast(Rounding), rounded), TSimd.Broadcast(0.346573591f), a);

        // Q = h + h² q(h).
        TVector q = TSimd.Broadcast(-0.0445380136f);
        q = TSimd.MultiplyAdd(q, h, TSimd.Broadcast(0.133907229f));
        q = TSimd.MultiplyAdd(q, h, TSimd.Broadcast(-0.333332866f));
        q = TSimd.MultiplyAdd(q, h, TSimd.Broadcast(0.666660905f));
        q = TSimd.MultiplyAdd(q, h, TSimd.Broadcast(-1f));
        q = TSimd.MultiplyAdd(TSimd.Multiply(h, h), q, h);

        TVector scale = TSimd.ShiftBitsLeft(rounded, 23);
        TVector numerator = TSimd.Add(TSimd.Subtract(scale, TSimd.Broadcast(0.5f)), q);
        TVector denominator = TSimd.Subtract(TSimd.Add(scale, TSimd.Broadcast(0.5f)), q);
        return TSimd.BitwiseXor(TSimd.Divide(numerator, denominator), sign);
    }
}

/// <summary><see cref="TanhFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct TanhMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TanhFunction.Of<TSimd, TVector>(x);
}
