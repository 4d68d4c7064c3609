using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Reductions;

/// <summary>Σ x[i]², in the order of <see cref="LaneSum"/>: the same bits at every vector width.</summary>
internal static unsafe class SumOfSquares
{
    /// <summary>The sum; 0 for none. Finite for finite numbers, NaN or infinite otherwise.</summary>
    public static double Of(float* x, int length)
    {
        double sum = LaneSum.Of<Term>(x, length);
        if (!double.IsPositiveInfinity(sum)) return sum;
        // Squares from 1.8e19 on leave float's range, and exploding gradients are what a norm must tell: again in double.
        sum = 0;
        for (int i = 0; i < length; i++) sum += (double)x[i] * x[i];
        return sum;
    }

    private readonly struct Term : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Add<TSimd, TVector>(TVector sum, TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(x, x, sum);
    }
}
