using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Optimizers;

/// <summary>Pieces that several update rules share.</summary>
internal static class RuleMath
{
    /// <summary>decay·mean + rest·x, with rest = 1 − decay rounded from double: the exponential moving average.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Average<TSimd, TVector>(TVector mean, TVector x, float decay, float rest)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(TSimd.Broadcast(decay), mean, TSimd.Multiply(TSimd.Broadcast(rest), x));

    /// <summary>decay·mean + rest·x²: the moving average of squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector AverageOfSquares<TSimd, TVector>(TVector mean, TVector x, float decay, float rest)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(TSimd.Broadcast(decay), mean, TSimd.Multiply(TSimd.Multiply(TSimd.Broadcast(rest), x), x));

    /// <summary>The larger; b where either is NaN, so that a rule puts the fresh number there and NaN shows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Larger<TSimd, TVector>(TVector a, TVector b)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Select(TSimd.LessThan(b, a), a, b);

    /// <summary>|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Absolute<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.BitwiseAnd(x, TSimd.Broadcast(BitConverter.Int32BitsToSingle(0x7FFFFFFF)));

    /// <summary>value − rate·step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Descend<TSimd, TVector>(TVector value, TVector step, float rate)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(TSimd.Broadcast(-rate), step, value);
}
