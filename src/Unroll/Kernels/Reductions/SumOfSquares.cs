using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Reductions;

/// <summary>
/// Σ x[i]² in an order that depends on the length alone, never on the vectors' width or the threads: in a block of 512
/// floats sixteen float sums, lane j over elements j, j + 16, …, joined in a fixed tree in double; the blocks of a stretch,
/// and then the stretches, added in ascending order in double.
/// </summary>
internal static unsafe class SumOfSquares
{
    private const int LaneCount = 16;

    /// <summary>Floats in a block: 32 a lane, short enough that float sums lose little.</summary>
    private const int Block = 512;

    /// <summary>Floats in a stretch, the least that a thread takes.</summary>
    private const int Stretch = 32 * Block;

    /// <summary>Stretches between two meetings of the threads: their sums lie on the stack.</summary>
    private const int Together = 256;

    /// <summary>The sum; 0 for none. Finite for finite numbers, NaN or infinite otherwise.</summary>
    public static double Of(float* x, int length)
    {
        double* sums = stackalloc double[Together];
        double total = 0;
        for (long start = 0; start < length; start += Together * Stretch)
        {
            int count = (int)Math.Min(Together * Stretch, length - start), stretches = (count + Stretch - 1) / Stretch;
            TeamKernel.Run<Kernel, Arguments>(new Arguments(x + start, sums, count), stretches, 1, count * TeamKernel.OperationsOfElement);
            for (int i = 0; i < stretches; i++) total += sums[i];
        }
        if (!double.IsPositiveInfinity(total)) return total;
        // Squares from 1.8e19 on leave float's range, and exploding gradients are what a norm must tell: again in double.
        total = 0;
        for (int i = 0; i < length; i++) total += (double)x[i] * x[i];
        return total;
    }

    private readonly struct Arguments(float* x, double* sums, int length)
    {
        public readonly float* X = x;
        public readonly double* Sums = sums;
        public readonly int Length = length;
    }

    private readonly struct Kernel : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int stretch = share.First; stretch < share.End; stretch++)
            {
                int end = Math.Min((stretch + 1) * Stretch, share.Arguments.Length);
                double sum = 0;
                for (int start = stretch * Stretch; start < end; start += Block)
                    sum += OfBlock<TSimd, TVector>(share.Arguments.X + start, Math.Min(Block, end - start));
                share.Arguments.Sums[stretch] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double OfBlock<TSimd, TVector>(float* x, int length)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* lanes = stackalloc float[LaneCount];
        int i = 0;
        if (TSimd.Lanes == 1)
        {
            // Sixteen sums do not fit plain registers well; memory does as well for the plain form.
            for (int lane = 0; lane < LaneCount; lane++) lanes[lane] = 0;
        }
        else
        {
            TVector a = TSimd.Zero, b = TSimd.Zero, c = TSimd.Zero, d = TSimd.Zero;
            for (; i <= length - LaneCount; i += LaneCount)
            {
                a = AddSquare<TSimd, TVector>(a, x + i);
                if (TSimd.Lanes <= 8) b = AddSquare<TSimd, TVector>(b, x + i + TSimd.Lanes);
                if (TSimd.Lanes <= 4)
                {
                    c = AddSquare<TSimd, TVector>(c, x + i + 2 * TSimd.Lanes);
                    d = AddSquare<TSimd, TVector>(d, x + i + 3 * TSimd.Lanes);
                }
            }
            TSimd.Store(a, lanes);
            if (TSimd.Lanes <= 8) TSimd.Store(b, lanes + TSimd.Lanes);
            if (TSimd.Lanes <= 4)
            {
                TSimd.Store(c, lanes + 2 * TSimd.Lanes);
                TSimd.Store(d, lanes + 3 * TSimd.Lanes);
            }
        }
        for (; i < length; i++) lanes[i % LaneCount] = SimdScalar.MultiplyAdd(x[i], x[i], lanes[i % LaneCount]);
        double* sums = stackalloc double[LaneCount / 2];
        for (int j = 0; j < LaneCount / 2; j++) sums[j] = (double)lanes[j] + lanes[j + LaneCount / 2];
        for (int half = LaneCount / 4; half >= 1; half /= 2)
            for (int j = 0; j < half; j++) sums[j] += sums[j + half];
        return sums[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddSquare<TSimd, TVector>(TVector sum, float* at) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector x = TSimd.Load(at);
        return TSimd.MultiplyAdd(x, x, sum);
    }
}
