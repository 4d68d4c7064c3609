using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Scans;

/// <summary>
/// minLSTM with its two gates brought to a sum of one: z = i / (f + i) for f = σ(k) and i = σ(l), with one division for all three
/// quotients. Where both gates are nearly shut, e^k and e^l stand for them, whose quotient stays when k and l are raised
/// together: so it is never zero by zero. Sums k, l, n.
/// </summary>
internal readonly struct MinLstmGate : IScanGate
{
    public static int Sums => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Share<TSimd, TVector>(TVector first, TVector second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // Up to -40, where 1 + e^40 is e^40.
        TVector below = TSimd.Minimum(TSimd.Zero, TSimd.Add(TSimd.Maximum(first, second), TSimd.Broadcast(40f)));
        (TVector forget, TVector underForget) = SigmoidFunction.Quotient<TSimd, TVector>(TSimd.Subtract(first, below));
        (TVector input, TVector underInput) = SigmoidFunction.Quotient<TSimd, TVector>(TSimd.Subtract(second, below));
        TVector share = TSimd.Multiply(input, underForget);
        return TSimd.Divide(share, TSimd.MultiplyAdd(forget, underInput, share));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Gradient<TSimd, TVector>(TVector first, TVector second, TVector ofLogit)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        (TSimd.Multiply(Minus<TSimd, TVector>(ofLogit), SigmoidFunction.Of<TSimd, TVector>(Minus<TSimd, TVector>(first))),
            TSimd.Multiply(ofLogit, SigmoidFunction.Of<TSimd, TVector>(Minus<TSimd, TVector>(second))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Minus<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.BitwiseXor(x, TSimd.Broadcast(-0f));
}
