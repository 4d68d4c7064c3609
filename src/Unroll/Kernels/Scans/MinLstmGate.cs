using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Scans;

/// <summary>
/// minLSTM with its two gates brought to a sum of one: z = i / (f + i) for f = σ(k) and i = σ(l). Computed as
/// σ(log i − log f) = σ(softplus(−k) − softplus(−l)), which does not divide zero by zero where both gates are shut. Sums k, l, n.
/// </summary>
internal readonly struct MinLstmGate : IScanGate
{
    public static int Sums => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Share<TSimd, TVector>(TVector first, TVector second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        SigmoidFunction.Of<TSimd, TVector>(TSimd.Subtract(
            SoftplusFunction.Of<TSimd, TVector>(Minus<TSimd, TVector>(first)), SoftplusFunction.Of<TSimd, TVector>(Minus<TSimd, TVector>(second))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Gradient<TSimd, TVector>(TVector first, TVector second, TVector ofLogit)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        (TSimd.Multiply(Minus<TSimd, TVector>(ofLogit), SigmoidFunction.Of<TSimd, TVector>(Minus<TSimd, TVector>(first))),
            TSimd.Multiply(ofLogit, SigmoidFunction.Of<TSimd, TVector>(Minus<TSimd, TVector>(second))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Minus<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.BitwiseXor(x, TSimd.Broadcast(-0f));
}
