using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = ½x(1 + t), t = tanh u, u = √(2/π)(x + 0.044715 x³) (Hendrycks and Gimpel 2016); slope ½(1 + t) + ½x(1 − t²)u′.</summary>
internal readonly struct GeluTanhKernel : IActivationKernel
{
    private const float Linear = 0.797884561f; // √(2/π)
    private const float Cubic = 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Inner<TSimd, TVector>(TVector x, TVector square) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TanhFunction.Of<TSimd, TVector>(TSimd.Multiply(x, TSimd.MultiplyAdd(square, TSimd.Broadcast(Linear * Cubic), TSimd.Broadcast(Linear))));

    public static bool GradientFromOutput => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector half = TSimd.Multiply(x, TSimd.Broadcast(0.5f));
        return TSimd.MultiplyAdd(half, Inner<TSimd, TVector>(x, TSimd.Multiply(x, x)), half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // From 20 on t is exactly 1 and must not meet an infinite u'.
        x = TSimd.Maximum(TSimd.Broadcast(-20f), TSimd.Minimum(TSimd.Broadcast(20f), x));
        TVector square = TSimd.Multiply(x, x);
        TVector t = Inner<TSimd, TVector>(x, square);
        TVector innerSlope = TSimd.MultiplyAdd(square, TSimd.Broadcast(3 * Linear * Cubic), TSimd.Broadcast(Linear));
        TVector tanhSlope = TSimd.MultiplyAdd(TSimd.BitwiseXor(t, TSimd.Broadcast(-0f)), t, TSimd.Broadcast(1f));
        TVector bend = TSimd.Multiply(TSimd.Multiply(x, tanhSlope), innerSlope);
        return TSimd.Multiply(TSimd.Add(TSimd.Add(bend, t), TSimd.Broadcast(1f)), TSimd.Broadcast(0.5f));
    }
}
