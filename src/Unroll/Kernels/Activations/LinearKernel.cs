using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x; slope 1.</summary>
internal readonly struct LinearKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Broadcast(1f);
    }
}
