using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Reductions;

/// <summary>
/// The sum of f(x[i], y[i]) along one row, the same bits at every vector width: element i belongs to lane i mod 16
/// whatever the processor has, a lane adds its elements in order, and the sixteen lanes are added as a fixed tree.
/// </summary>
internal static unsafe class RowSum
{
    private const int Lanes = LaneTree.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Of<TSimd, TVector, TMap>(TMap term, float* x, float* y, int length)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TMap : struct, IMap2
    {
        float* sums = stackalloc float[Lanes];
        int whole = length - length % Lanes;
        for (int lane = 0; lane < Lanes; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Zero;
            for (int i = lane; i < whole; i += Lanes)
                sum = TSimd.Add(sum, term.Of<TSimd, TVector>(TSimd.Load(x + i), TSimd.Load(y + i)));
            TSimd.Store(sum, sums + lane);
        }
        for (int i = whole; i < length; i++) sums[i - whole] += term.Of<SimdScalar, float>(x[i], y[i]);
        return LaneTree.Sum(sums);
    }
}
