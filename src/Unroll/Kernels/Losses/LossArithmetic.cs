using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>Small functions that several losses share.</summary>
internal static unsafe class LossArithmetic
{
    /// <summary>|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Absolute<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.BitwiseAnd(x, TSimd.Broadcast(BitConverter.Int32BitsToSingle(0x7FFFFFFF)));

    /// <summary>log(1 + e^x) without overflow, small results good relative to themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Softplus<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // max(x, 0) + log(1 + e), e = exp(-|x|); log(1 + e) = log(u) · e / (u - 1) with u = 1 + e makes good u's rounding.
        TVector e = ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(TSimd.Zero, Absolute<TSimd, TVector>(x)));
        TVector u = TSimd.Add(e, TSimd.Broadcast(1f));
        TVector rest = TSimd.Subtract(u, TSimd.Broadcast(1f));
        TVector log = TSimd.Multiply(LogFunction.Of<TSimd, TVector>(u), TSimd.Divide(e, rest));
        log = TSimd.Select(TSimd.Equal(rest, TSimd.Zero), e, log);
        return TSimd.Add(TSimd.Select(TSimd.LessThan(TSimd.Zero, x), x, TSimd.Zero), log);
    }

    /// <summary>A slope times the weights at an index: 0 where the weight is 0, whatever the slope; null weights are ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Weighted<TSimd, TVector>(TVector slope, float* weights, int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (weights is null) return slope;
        TVector weight = TSimd.Load(weights + index);
        return TSimd.Select(TSimd.Equal(weight, TSimd.Zero), TSimd.Zero, TSimd.Multiply(slope, weight));
    }
}
