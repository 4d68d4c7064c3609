using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x Φ(x) = ½x(1 + erf(x/√2)) (Hendrycks and Gimpel 2016); slope Φ(x) + x φ(x).</summary>
internal readonly struct GeluKernel : IActivationKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Distribution<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector erf = ErfFunction.Of<TSimd, TVector>(TSimd.Multiply(x, TSimd.Broadcast(0.707106769f)));
        return TSimd.MultiplyAdd(erf, TSimd.Broadcast(0.5f), TSimd.Broadcast(0.5f));
    }

    public static bool GradientFromOutput => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Multiply(x, Distribution<TSimd, TVector>(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector density = ExpFunction.Of<TSimd, TVector>(TSimd.Multiply(TSimd.Multiply(x, x), TSimd.Broadcast(-0.5f)));
        return TSimd.MultiplyAdd(TSimd.Multiply(x, TSimd.Broadcast(0.398942292f)), density, Distribution<TSimd, TVector>(x));
    }
}
