using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Scans;

/// <summary>minGRU: z = σ(k). Sums k, n.</summary>
internal readonly struct MinGruGate : IScanGate
{
    public static int Sums => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Share<TSimd, TVector>(TVector first, TVector second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged => SigmoidFunction.Of<TSimd, TVector>(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Gradient<TSimd, TVector>(TVector first, TVector second, TVector ofLogit)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged => (ofLogit, ofLogit);
}
