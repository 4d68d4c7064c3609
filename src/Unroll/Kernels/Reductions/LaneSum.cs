using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Reductions;

/// <summary>What each number adds to a sum.</summary>
internal interface ITerm
{
    static abstract TVector Add<TSimd, TVector>(TVector sum, TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// A sum whose order depends on the length alone, never on the vectors' width: blocks of <see cref="Block"/> floats;
/// in a block sixteen float sums, lane j over elements j, j + 16, …; the sixteen joined in a fixed tree in double; the
/// blocks added in ascending order in double.
/// </summary>
internal static unsafe class LaneSum
{
    /// <summary>Floats in a block: 32 a lane, short enough that float sums lose little.</summary>
    public const int Block = 512;

    private const int LaneCount = 16;

    public static double Of<TTerm>(float* x, int length) where TTerm : struct, ITerm
    {
        double total = 0;
        float* lanes = stackalloc float[LaneCount];
        for (int start = 0; start < length; start += Block)
        {
            SimdWidth.Run<Kernel<TTerm>, Arguments>(new Arguments(x + start, lanes, Math.Min(Block, length - start)));
            total += Tree(lanes);
        }
        return total;
    }

    private static double Tree(float* lanes)
    {
        double* sums = stackalloc double[LaneCount / 2];
        for (int i = 0; i < LaneCount / 2; i++) sums[i] = (double)lanes[i] + lanes[i + LaneCount / 2];
        for (int half = LaneCount / 4; half >= 1; half /= 2)
            for (int i = 0; i < half; i++) sums[i] += sums[i + half];
        return sums[0];
    }

    private readonly struct Arguments(float* x, float* lanes, int length)
    {
        public readonly float* X = x, Lanes = lanes;
        public readonly int Length = length;
    }

    private readonly struct Kernel<TTerm> : ISimdKernel<Arguments> where TTerm : struct, ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            float* x = arguments.X, lanes = arguments.Lanes;
            int length = arguments.Length, i = 0;
            if (TSimd.Lanes == 1)
            {
                // Sixteen sums do not fit plain registers well; memory does as well for the plain form.
                for (int lane = 0; lane < LaneCount; lane++) lanes[lane] = 0;
                for (; i < length; i++) lanes[i % LaneCount] = TTerm.Add<SimdScalar, float>(lanes[i % LaneCount], x[i]);
                return;
            }
            TVector a = TSimd.Zero, b = TSimd.Zero, c = TSimd.Zero, d = TSimd.Zero;
            for (; i <= length - LaneCount; i += LaneCount)
            {
                a = TTerm.Add<TSimd, TVector>(a, TSimd.Load(x + i));
                if (TSimd.Lanes <= 8) b = TTerm.Add<TSimd, TVector>(b, TSimd.Load(x + i + TSimd.Lanes));
                if (TSimd.Lanes <= 4)
                {
                    c = TTerm.Add<TSimd, TVector>(c, TSimd.Load(x + i + 2 * TSimd.Lanes));
                    d = TTerm.Add<TSimd, TVector>(d, TSimd.Load(x + i + 3 * TSimd.Lanes));
                }
            }
            TSimd.Store(a, lanes);
            if (TSimd.Lanes <= 8) TSimd.Store(b, lanes + TSimd.Lanes);
            if (TSimd.Lanes <= 4)
            {
                TSimd.Store(c, lanes + 2 * TSimd.Lanes);
                TSimd.Store(d, lanes + 3 * TSimd.Lanes);
            }
            for (; i < length; i++) lanes[i % LaneCount] = TTerm.Add<SimdScalar, float>(lanes[i % LaneCount], x[i]);
        }
    }
}
