using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Reductions;

/// <summary>Σ x[i]², in the order of <see cref="BlockSum"/>.</summary>
internal static unsafe class SumOfSquares
{
    /// <summary>The sum; 0 for none. Finite for finite numbers, NaN or infinite otherwise.</summary>
    public static double Of(float* x, int length)
    {
        double total = BlockSum.Of(new Term(x), length);
        if (!double.IsPositiveInfinity(total)) return total;
        // Squares from 1.8e19 on leave float's range, and exploding gradients are what a norm must tell: again in double.
        total = 0;
        for (int i = 0; i < length; i++) total += (double)x[i] * x[i];
        return total;
    }

    private readonly struct Term(float* x) : IBlockTerm
    {
        private readonly float* _x = x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Add<TSimd, TVector>(TVector sum, nint index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector x = TSimd.Load(_x + index);
            return TSimd.MultiplyAdd(x, x, sum);
        }
    }
}
