using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// e^x within 2 ulp; denormal results are right too, larger ones than float holds are infinity, e^(−∞) is 0 and NaN
/// stays NaN.
/// </summary>
internal static class ExpFunction
{
    /// <summary>Adding this rounds to an integer n, found in the low bits of the sum above <see cref="RoundingBits"/>.</summary>
    internal const float Rounding = 12582912f;

    internal const int RoundingBits = 0x4B400000;

    private const float Log2E = 1.44269502f;
    private const float Ln2 = 0.693147182f;             // ln 2 = Ln2 + Ln2Rest
    private const float Ln2Rest = -1.90465421e-9f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        x = TSimd.Minimum(TSimd.Broadcast(89f), x);
        x = TSimd.Maximum(TSimd.Broadcast(-104f), x);
        TVector rounded = Round<TSimd, TVector>(x);
        TVector power = TSimd.Add(ReducedMinusOne<TSimd, TVector>(x, rounded), TSimd.Broadcast(1f));

        // 2^n in two factors, each a normal number, so that only the last product rounds, to a denormal or to infinity.
        TVector n = TSimd.AddBits(rounded, TSimd.Broadcast(BitConverter.Int32BitsToSingle(-RoundingBits)));
        TVector half = TSimd.ShiftBitsRight(n, 1);
        TVector otherHalf = TSimd.ShiftBitsRight(TSimd.AddBits(n, TSimd.Broadcast(BitConverter.Int32BitsToSingle(1))), 1);
        power = TSimd.Multiply(power, PowerOfTwo<TSimd, TVector>(half));
        return TSimd.Multiply(power, PowerOfTwo<TSimd, TVector>(otherHalf));
    }

    /// <summary><see cref="Rounding"/> + n, where n is x/ln 2 rounded to an integer; |x| at most 10⁶.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Round<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(x, TSimd.Broadcast(Log2E), TSimd.Broadcast(Rounding));

    /// <summary>e^(x − n ln 2) − 1 for <see cref="Round{TSimd,TVector}"/>'s n, good relative to itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector ReducedMinusOne<TSimd, TVector>(TVector x, TVector rounded)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector minusN = TSimd.Subtract(TSimd.Broadcast(Rounding), rounded);
        TVector r = TSimd.MultiplyAdd(minusN, TSimd.Broadcast(Ln2), x);
        r = TSimd.MultiplyAdd(minusN, TSimd.Broadcast(Ln2Rest), r);

        // e^r - 1 = r + r² q(r).
        TVector q = TSimd.Broadcast(0.00139181293f);
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(0.00836920179f));
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(0.0416666083f));
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(0.166665226f));
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(0.5f));
        return TSimd.MultiplyAdd(TSimd.Multiply(r, r), q, r);
    }

    /// <summary>2^n for lanes that hold n as an integer from −126 to 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector PowerOfTwo<TSimd, TVector>(TVector n) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.AddBits(TSimd.ShiftBitsLeft(n, 23), TSimd.Broadcast(1f));
}

/// <summary><see cref="ExpFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct ExpMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        ExpFunction.Of<TSimd, TVector>(x);
}
