using System.Runtime.CompilerServices;
using Unroll.Inference;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Cli.Bench;

/// <summary>
/// Reads as many bytes as a stream's weights have, again and again, on all threads: the time below which no step of the
/// stream can be, wherever in the caches the weights lie.
/// </summary>
internal sealed unsafe class WeightReading
{
    private const int Sums = 8;

    private readonly NativeBlock _bytes;
    private readonly int _floats;

    /// <summary>Sets aside the memory.</summary>
    /// <param name="weights">How many weights there are.</param>
    /// <param name="storage">In how many bytes each is kept.</param>
    public WeightReading(long weights, StreamWeights storage)
    {
        int divisor = storage switch { StreamWeights.BFloat16 => 2, StreamWeights.Int8 => 4, _ => 1 };
        _floats = (int)(weights / divisor);
        _bytes = new NativeBlock(_floats); // zeros
    }

    /// <summary>The sum of what was read: the reading cannot be left out.</summary>
    public float Read()
    {
        float sum = 0;
        ThreadTeam.Run(new Work(_bytes.Pointer, _floats, &sum), Basics.Threads.Count);
        return sum;
    }

    private readonly struct Work(float* from, int count, float* sum) : ITeamWork, ISimdKernel<Work>
    {
        private readonly float* _from = from, _sum = sum;
        private readonly int _count = count;

        public void Part(int part, int parts)
        {
            (int first, int end) = TeamParts.Range(part, parts, _count, Sums * 16);
            SimdWidth.Run<Work, Work>(new Work(_from + first, end - first, _sum));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Work work) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            float* from = work._from;
            TVector a = TSimd.Load(from), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
            for (nint i = 0; i <= work._count - Sums * TSimd.Lanes; i += Sums * TSimd.Lanes, from += Sums * TSimd.Lanes)
            {
                a = TSimd.Add(a, TSimd.Load(from));
                b = TSimd.Add(b, TSimd.Load(from + TSimd.Lanes));
                c = TSimd.Add(c, TSimd.Load(from + 2 * TSimd.Lanes));
                d = TSimd.Add(d, TSimd.Load(from + 3 * TSimd.Lanes));
                e = TSimd.Add(e, TSimd.Load(from + 4 * TSimd.Lanes));
                f = TSimd.Add(f, TSimd.Load(from + 5 * TSimd.Lanes));
                g = TSimd.Add(g, TSimd.Load(from + 6 * TSimd.Lanes));
                h = TSimd.Add(h, TSimd.Load(from + 7 * TSimd.Lanes));
            }
            float* sums = stackalloc float[16];
            TSimd.Store(TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h))), sums);
            if (sums[0] != 0) *work._sum = sums[0];
        }
    }
}
