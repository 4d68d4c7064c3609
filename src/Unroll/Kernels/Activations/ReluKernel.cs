using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = max(x, 0); slope 1 where y &gt; 0, else 0.</summary>
internal readonly struct ReluKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Maximum(TSimd.Zero, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.BitwiseAnd(TSimd.LessThan(TSimd.Zero, y), TSimd.Broadcast(1f));
    }
}
