using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x/(1 + |x|); slope (1 − |y|)².</summary>
internal readonly struct SoftsignKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector magnitude = TSimd.BitwiseXor(x, TSimd.BitwiseAnd(x, TSimd.Broadcast(-0f)));
        return TSimd.Divide(x, TSimd.Add(magnitude, TSimd.Broadcast(1f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector rest = TSimd.Add(TSimd.BitwiseOr(y, TSimd.Broadcast(-0f)), TSimd.Broadcast(1f));
        return TSimd.Multiply(rest, rest);
    }
}
