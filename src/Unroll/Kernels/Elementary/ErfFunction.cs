using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// The error function within 2 ulp, exactly odd, never beyond ±1; NaN stays NaN. Below 0.9375 x + x·q(x²); above it
/// 1 − e^(−g(|x|)) with g a polynomial.
/// </summary>
internal static class ErfFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector sign = TSimd.BitwiseAnd(x, TSimd.Broadcast(-0f));
        TVector a = TSimd.BitwiseXor(x, sign);

        TVector square = TSimd.Multiply(a, a);
        TVector q = TSimd.Broadcast(8.00034395e-05f);
        q = TSimd.MultiplyAdd(q, square, TSimd.Broadcast(-0.000805039541f));
        q = TSimd.MultiplyAdd(q, square, TSimd.Broadcast(0.00519243861f));
        q = TSimd.MultiplyAdd(q, square, TSimd.Broadcast(-0.026855737f));
        q = TSimd.MultiplyAdd(q, square, TSimd.Broadcast(0.112836257f));
        q = TSimd.MultiplyAdd(q, square, TSimd.Broadcast(-0.376126289f));
        q = TSimd.MultiplyAdd(q, square, TSimd.Broadcast(0.128379166f));
        TVector near = TSimd.MultiplyAdd(a, q, a);

        // At 4 the result is already exactly 1.
        TVector b = TSimd.Minimum(TSimd.Broadcast(4f), a);
        TVector g = TSimd.Broadcast(0.000193905624f);
        g = TSimd.MultiplyAdd(g, b, TSimd.Broadcast(-0.00302320556f));
        g = TSimd.MultiplyAdd(g, b, TSimd.Broadcast(0.0221467838f));
        g = TSimd.MultiplyAdd(g, b, TSimd.Broadcast(-0.103764527f));
        g = TSimd.MultiplyAdd(g, b, TSimd.Broadcast(-0.637373626f));
        g = TSimd.MultiplyAdd(g, b, TSimd.Broadcast(-1.12756133f));
        g = TSimd.MultiplyAdd(g, b, TSimd.Broadcast(-0.000223503812f));
        TVector far = TSimd.Subtract(TSimd.Broadcast(1f), ExpFunction.Of<TSimd, TVector>(g));

        TVector result = TSimd.Select(TSimd.LessThan(a, TSimd.Broadcast(0.9375f)), near, far);
        return TSimd.BitwiseXor(result, sign);
    }
}

/// <summary><see cref="ErfFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct ErfMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        ErfFunction.Of<TSimd, TVector>(x);
}
