using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>Small functions that several losses share.</summary>
internal static unsafe class LossArithmetic
{
    /// <summary>|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Absolute<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.BitwiseAnd(x, TSimd.Broadcast(BitConverter.Int32BitsToSingle(0x7FFFFFFF)));

    /// <summary>A slope times the weights at an index: 0 where the weight is 0, whatever the slope; null weights are ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Weighted<TSimd, TVector>(TVector slope, float* weights, int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (weights is null) return slope;
        TVector weight = TSimd.Load(weights + index);
        return TSimd.Select(TSimd.Equal(weight, TSimd.Zero), TSimd.Zero, TSimd.Multiply(slope, weight));
    }
}
