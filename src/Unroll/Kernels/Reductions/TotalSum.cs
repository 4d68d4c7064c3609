using System.Runtime.CompilerServices;

namespace Unroll.Kernels.Reductions;

/// <summary>The sum of a whole array in double precision: four interleaved partial sums, added in a fixed order.</summary>
internal static unsafe class TotalSum
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Of(float* x, int length)
    {
        double a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (; i <= length - 4; i += 4)
        {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < length; i++) a += x[i];
        return (a + b) + (c + d);
    }
}
