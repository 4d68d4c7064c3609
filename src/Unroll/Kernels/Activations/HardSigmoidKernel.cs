using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = min(max(x + 3, 0), 6)/6; slope 1/6 where 0 &lt; y &lt; 1, else 0.</summary>
internal readonly struct HardSigmoidKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector shifted = TSimd.Maximum(TSimd.Zero, TSimd.Minimum(TSimd.Broadcast(6f), TSimd.Add(x, TSimd.Broadcast(3f))));
        return TSimd.Divide(shifted, TSimd.Broadcast(6f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector inside = TSimd.BitwiseAnd(TSimd.LessThan(TSimd.Zero, y), TSimd.LessThan(y, TSimd.Broadcast(1f)));
        return TSimd.BitwiseAnd(inside, TSimd.Broadcast(1f / 6f));
    }
}
