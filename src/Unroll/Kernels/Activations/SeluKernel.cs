using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = λx where x &gt; 0, else λα(e^x − 1) (Klambauer et al. 2017); slope λ where y &gt; 0, else y + λα.</summary>
internal readonly struct SeluKernel : IActivationKernel
{
    private const float Scale = 1.05070099f;        // λ
    private const float ScaleAlpha = 1.75809934f;   // λα, α = 1.67326324

    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector negative = TSimd.Multiply(ExpM1Function.Of<TSimd, TVector>(x), TSimd.Broadcast(ScaleAlpha));
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, x), TSimd.Multiply(x, TSimd.Broadcast(Scale)), negative);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, y), TSimd.Broadcast(Scale), TSimd.Add(y, TSimd.Broadcast(ScaleAlpha)));
    }
}
