using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// e^x − 1 within 2 ulp, near 0 too; −0 stays −0, larger results than float holds are infinity, NaN stays NaN.
/// </summary>
internal static class ExpM1Function
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector reduced = TSimd.Minimum(TSimd.Broadcast(89f), x);
        reduced = TSimd.Maximum(TSimd.Broadcast(-40f), reduced); // the result is -1 from -17.4 on
        TVector rounded = ExpFunction.Round<TSimd, TVector>(reduced);
        TVector q = ExpFunction.ReducedMinusOne<TSimd, TVector>(reduced, rounded);

        // 2^n (q + 1) - 1, halved on the way so that 2^n cannot overflow before the result does.
        TVector n = TSimd.AddBits(rounded, TSimd.Broadcast(BitConverter.Int32BitsToSingle(-ExpFunction.RoundingBits - 1)));
        TVector half = ExpFunction.PowerOfTwo<TSimd, TVector>(n);
        TVector result = TSimd.MultiplyAdd(half, q, TSimd.Subtract(half, TSimd.Broadcast(0.5f)));
        return TSimd.Select(TSimd.Equal(x, TSimd.Zero), x, TSimd.Add(result, result));
    }
}

/// <summary><see cref="ExpM1Function"/> for <see cref="Map"/>.</summary>
internal readonly struct ExpM1Map : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        ExpM1Function.Of<TSimd, TVector>(x);
}
