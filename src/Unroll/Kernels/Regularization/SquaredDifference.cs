using System.Runtime.CompilerServices;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Regularization;

/// <summary>Σ (x − y)² over two arrays, and its slopes.</summary>
internal static unsafe class SquaredDifference
{
    /// <summary>The sum, in the order of <see cref="BlockSum"/>.</summary>
    public static double Of(float* x, float* y, int length) => BlockSum.Of(new Term(x, y), length);

    /// <summary>dx += factor·(x − y).</summary>
    public static void Add(float factor, float* x, float* y, float* dx, int length) => Map.Run(new Slope(factor), x, y, dx, dx, length);

    private readonly struct Term(float* x, float* y) : IBlockTerm
    {
        private readonly float* _x = x, _y = y;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Add<TSimd, TVector>(TVector sum, nint index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector difference = TSimd.Subtract(TSimd.Load(_x + index), TSimd.Load(_y + index));
            return TSimd.MultiplyAdd(difference, difference, sum);
        }
    }

    private readonly struct Slope(float factor) : IMap3
    {
        private readonly float _factor = factor;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector y, TVector dx) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(TSimd.Broadcast(_factor), TSimd.Subtract(x, y), dx);
    }
}
