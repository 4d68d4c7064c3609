using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// σ(x) = 1/(1 + e^(−x)), within 2 ulp wherever the result is a normal number. Fifteen operations, one of them a
/// divide. σ(0) is exactly ½; results for x &lt; −87.69, which would be denormal, are 0; NaN stays NaN.
/// With x·log₂e = n + g, σ(x) = 2^n / (2^n + 2^(−g)): only the sum and the quotient round noticeably.
/// </summary>
internal static class SigmoidFunction
{
    // Adding this rounds to an integer n and leaves n + 127, the exponent field of 2^n, in the low bits of the sum.
    private const float Rounding = 12582912f + 127f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        (TVector numerator, TVector denominator) = Quotient<TSimd, TVector>(x);
        return TSimd.Divide(numerator, denominator);
    }

    /// <summary>The quotient that σ(x) is: 2^n, or 0 below −87.69, over at least 0.7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Numerator, TVector Denominator) Quotient<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // Above 30 the result rounds to 1. At -88 n is -127, so that the scale and with it the result are 0.
        x = TSimd.Minimum(TSimd.Broadcast(30f), x);
        x = TSimd.Maximum(TSimd.Broadcast(-88f), x);

        TVector rounded = TSimd.MultiplyAdd(x, TSimd.Broadcast(1.44269502f), TSimd.Broadcast(Rounding));
        TVector g = TSimd.MultiplyAdd(x, TSimd.Broadcast(1.44269502f), TSimd.Subtract(TSimd.Broadcast(Rounding), rounded));
        g = TSimd.MultiplyAdd(x, TSimd.Broadcast(1.92596299e-8f), g);

        // 2^(-g) = 1 + g q(g).
        TVector q = TSimd.Broadcast(0.000133316149f);
        q = TSimd.MultiplyAdd(q, g, TSimd.Broadcast(-0.00133879355f));
        q = TSimd.MultiplyAdd(q, g, TSimd.Broadcast(0.00962544698f));
        q = TSimd.MultiplyAdd(q, g, TSimd.Broadcast(-0.0555036627f));
        q = TSimd.MultiplyAdd(q, g, TSimd.Broadcast(0.240225941f));
        q = TSimd.MultiplyAdd(q, g, TSimd.Broadcast(-0.693147182f));

        // The 1 is added last: 2^n + 1 first would lose a whole ulp at n = -24.
        TVector scale = TSimd.ShiftBitsLeft(rounded, 23);
        return (scale, TSimd.Add(TSimd.MultiplyAdd(q, g, scale), TSimd.Broadcast(1f)));
    }
}

/// <summary><see cref="SigmoidFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct SigmoidMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        SigmoidFunction.Of<TSimd, TVector>(x);
}
