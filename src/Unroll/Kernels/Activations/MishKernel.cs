using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x tanh(log(1 + e^x)) (Misra 2019) = x n/(n + 2) with e = e^x, n = e(e + 2); slope n/(n + 2) + 4xe(1 + e)/(n + 2)².</summary>
internal readonly struct MishKernel : IActivationKernel
{
    // From 20 on n/(n + 2) is exactly 1; e^20 squared twice is still finite.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Power<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        ExpFunction.Of<TSimd, TVector>(TSimd.Minimum(TSimd.Broadcast(20f), x));

    public static bool GradientFromOutput => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector e = Power<TSimd, TVector>(x);
        TVector n = TSimd.Multiply(e, TSimd.Add(e, TSimd.Broadcast(2f)));
        return TSimd.Multiply(x, TSimd.Divide(n, TSimd.Add(n, TSimd.Broadcast(2f))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        x = TSimd.Minimum(TSimd.Broadcast(20f), x); // beyond, the slope is 1 however large x is
        TVector e = Power<TSimd, TVector>(x);
        TVector n = TSimd.Multiply(e, TSimd.Add(e, TSimd.Broadcast(2f)));
        TVector below = TSimd.Add(n, TSimd.Broadcast(2f));
        TVector bend = TSimd.Divide(TSimd.Multiply(TSimd.Multiply(e, TSimd.Add(e, TSimd.Broadcast(1f))), TSimd.Broadcast(4f)), TSimd.Multiply(below, below));
        return TSimd.MultiplyAdd(x, bend, TSimd.Divide(n, below));
    }
}
