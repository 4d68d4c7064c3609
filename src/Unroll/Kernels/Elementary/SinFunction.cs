using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// sin x within 2 ulp for |x| &lt; 2²⁰; beyond, where neighbouring floats are a sixteenth of a radian or more apart, NaN. −0 stays −0.
/// </summary>
internal static class SinFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector turns = QuarterTurns<TSimd, TVector>(x);
        return TSimd.Select(TSimd.Equal(x, TSimd.Zero), x, Turned<TSimd, TVector>(x, turns, turns));
    }

    /// <summary>Adding this to x·2/π rounds to a count of quarter turns, whose low bits are then the sum's.</summary>
    internal const float Rounding = 12582912f;

    /// <summary>x/(π/2) rounded to an integer, plus <see cref="Rounding"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector QuarterTurns<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(x, TSimd.Broadcast(0.636619747f), TSimd.Broadcast(Rounding));

    /// <summary>
    /// sin of (x less the quarter turns), then turned by the low two bits of <paramref name="quadrant"/>; NaN where
    /// |x| is 2²⁰ or more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Turned<TSimd, TVector>(TVector x, TVector turns, TVector quadrant)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // π/2 in three parts; the fused products lose nothing.
        TVector minusN = TSimd.Subtract(TSimd.Broadcast(Rounding), turns);
        TVector r = TSimd.MultiplyAdd(minusN, TSimd.Broadcast(1.57079637f), x);
        r = TSimd.MultiplyAdd(minusN, TSimd.Broadcast(-4.37113883e-08f), r);
        r = TSimd.MultiplyAdd(minusN, TSimd.Broadcast(-1.71512451e-15f), r);
        TVector square = TSimd.Multiply(r, r);

        // sin r = r + r³ s(r²); cos r = 1 + r² (−½ + r² c(r²)).
        TVector s = TSimd.Broadcast(-0.000195182845f);
        s = TSimd.MultiplyAdd(s, square, TSimd.Broadcast(0.00833218917f));
        s = TSimd.MultiplyAdd(s, square, TSimd.Broadcast(-0.166666552f));
        s = TSimd.MultiplyAdd(TSimd.Multiply(square, s), r, r);
        TVector c = TSimd.Broadcast(2.44622024e-05f);
        c = TSimd.MultiplyAdd(c, square, TSimd.Broadcast(-0.00138876121f));
        c = TSimd.MultiplyAdd(c, square, TSimd.Broadcast(0.041666653f));
        c = TSimd.MultiplyAdd(c, square, TSimd.Broadcast(-0.5f));
        c = TSimd.MultiplyAdd(c, square, TSimd.Broadcast(1f));

        TVector odd = TSimd.ShiftBitsRight(TSimd.ShiftBitsLeft(quadrant, 31), 31);
        TVector sign = TSimd.BitwiseAnd(TSimd.ShiftBitsLeft(quadrant, 30), TSimd.Broadcast(-0f));
        TVector result = TSimd.BitwiseXor(TSimd.Select(odd, c, s), sign);

        TVector magnitude = TSimd.BitwiseXor(x, TSimd.BitwiseAnd(x, TSimd.Broadcast(-0f)));
        return TSimd.Select(TSimd.LessThan(magnitude, TSimd.Broadcast(1048576f)), result, TSimd.Broadcast(float.NaN));
    }
}

/// <summary><see cref="SinFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct SinMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        SinFunction.Of<TSimd, TVector>(x);
}
