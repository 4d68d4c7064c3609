using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = log(1 + e^x); slope σ(x).</summary>
internal readonly struct SoftplusKernel : IActivationKernel
{
    public static bool GradientFromOutput => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return SoftplusFunction.Of<TSimd, TVector>(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return SigmoidFunction.Of<TSimd, TVector>(x);
    }
}
