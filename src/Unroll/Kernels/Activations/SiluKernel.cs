using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x σ(x); slope σ(x)(1 + x(1 − σ(x))).</summary>
internal readonly struct SiluKernel : IActivationKernel
{
    public static bool GradientFromOutput => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Multiply(x, SigmoidFunction.Of<TSimd, TVector>(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector s = SigmoidFunction.Of<TSimd, TVector>(x);
        return TSimd.Multiply(s, TSimd.MultiplyAdd(x, TSimd.Subtract(TSimd.Broadcast(1f), s), TSimd.Broadcast(1f)));
    }
}
