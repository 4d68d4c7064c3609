using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = min(max(x, −1), 1); slope 1 where −1 &lt; y &lt; 1, else 0.</summary>
internal readonly struct HardTanhKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Maximum(TSimd.Broadcast(-1f), TSimd.Minimum(TSimd.Broadcast(1f), x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector inside = TSimd.BitwiseAnd(TSimd.LessThan(TSimd.Broadcast(-1f), y), TSimd.LessThan(y, TSimd.Broadcast(1f)));
        return TSimd.BitwiseAnd(inside, TSimd.Broadcast(1f));
    }
}
