using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x where x &gt; 0, else 0.01 x; slope 1 where y &gt; 0, else 0.01.</summary>
internal readonly struct LeakyReluKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, x), x, TSimd.Multiply(x, TSimd.Broadcast(0.01f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, y), TSimd.Broadcast(1f), TSimd.Broadcast(0.01f));
    }
}
