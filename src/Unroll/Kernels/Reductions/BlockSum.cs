using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Reductions;

/// <summary>A term of a sum over arrays, written for any vector width. A struct; its fields are the arrays and constants.</summary>
internal interface IBlockTerm
{
    /// <summary>The sums so far with the terms of the elements from <paramref name="index"/> on added, lane by lane. May also write elsewhere.</summary>
    TVector Add<TSimd, TVector>(TVector sum, nint index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// A sum of terms in an order that depends on their number alone, never on the vectors' width or the threads: in a block
/// of 512 sixteen float sums, lane j over elements j, j + 16, …, joined in a fixed tree in double; the blocks of a
/// stretch, and then the stretches, added in ascending order in double. Each element is met once.
/// </summary>
internal static unsafe class BlockSum
{
    private const int LaneCount = 16;

    /// <summary>Elements in a block: 32 a lane, short enough that float sums lose little.</summary>
    private const int Block = 512;

    /// <summary>Elements in a stretch, the least that a thread takes.</summary>
    private const int Stretch = 32 * Block;

    /// <summary>Stretches between two meetings of the threads: their sums lie on the stack.</summary>
    private const int Together = 256;

    /// <summary>The sum over elements 0 to <paramref name="length"/> − 1; 0 for none.</summary>
    public static double Of<TTerm>(TTerm term, int length) where TTerm : struct, IBlockTerm
    {
        double* sums = stackalloc double[Together];
        double total = 0;
        for (long start = 0; start < length; start += Together * Stretch)
        {
            int count = (int)Math.Min(Together * Stretch, length - start), stretches = (count + Stretch - 1) / Stretch;
            TeamKernel.Run<Kernel<TTerm>, Arguments<TTerm>>(new Arguments<TTerm>(term, (nint)start, sums, count), stretches, 1, count * TeamKernel.OperationsOfElement);
            for (int i = 0; i < stretches; i++) total += sums[i];
        }
        return total;
    }

    private readonly struct Arguments<TTerm>(TTerm term, nint start, double* sums, int length)
    {
        public readonly TTerm Term = term;
        public readonly nint Start = start;
        public readonly double* Sums = sums;
        public readonly int Length = length;
    }

    private readonly struct Kernel<TTerm> : ISimdKernel<Share<Arguments<TTerm>>> where TTerm : struct, IBlockTerm
    {
        public static void Run<TSimd, TVector>(in Share<Arguments<TTerm>> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int stretch = share.First; stretch < share.End; stretch++)
            {
                int end = Math.Min((stretch + 1) * Stretch, share.Arguments.Length);
                double sum = 0;
                for (int start = stretch * Stretch; start < end; start += Block)
                    sum += OfBlock<TSimd, TVector, TTerm>(share.Arguments.Term, share.Arguments.Start + start, Math.Min(Block, end - start));
                share.Arguments.Sums[stretch] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double OfBlock<TSimd, TVector, TTerm>(TTerm term, nint at, int length)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TTerm : struct, IBlockTerm
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
                a = term.Add<TSimd, TVector>(a, at + i);
                if (TSimd.Lanes <= 8) b = term.Add<TSimd, TVector>(b, at + i + TSimd.Lanes);
                if (TSimd.Lanes <= 4)
                {
                    c = term.Add<TSimd, TVector>(c, at + i + 2 * TSimd.Lanes);
                    d = term.Add<TSimd, TVector>(d, at + i + 3 * TSimd.Lanes);
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
        for (; i < length; i++) lanes[i % LaneCount] = term.Add<SimdScalar, float>(lanes[i % LaneCount], at + i);
        double* sums = stackalloc double[LaneCount / 2];
        for (int j = 0; j < LaneCount / 2; j++) sums[j] = (double)lanes[j] + lanes[j + LaneCount / 2];
        for (int half = LaneCount / 4; half >= 1; half /= 2)
            for (int j = 0; j < half; j++) sums[j] += sums[j + half];
        return sums[0];
    }
}
