using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = tanh x; slope 1 − y².</summary>
internal readonly struct TanhKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TanhFunction.Of<TSimd, TVector>(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.MultiplyAdd(TSimd.BitwiseXor(y, TSimd.Broadcast(-0f)), y, TSimd.Broadcast(1f));
    }
}
