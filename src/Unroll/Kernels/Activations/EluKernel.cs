using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = x where x &gt; 0, else e^x − 1 (Clevert et al. 2016, α = 1); slope 1 where y &gt; 0, else y + 1.</summary>
internal readonly struct EluKernel : IActivationKernel
{
    public static bool GradientFromOutput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, x), x, ExpM1Function.Of<TSimd, TVector>(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gradient<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        return TSimd.Select(TSimd.LessThan(TSimd.Zero, y), TSimd.Broadcast(1f), TSimd.Add(y, TSimd.Broadcast(1f)));
    }
}
