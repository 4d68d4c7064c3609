using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Layouts;

/// <summary>Rows of a table [V, U] by their ids, whole numbers from 0 to V − 1 held as floats.</summary>
internal static unsafe class TableRows
{
    /// <summary>Floats of a cache line: at its multiples threads part.</summary>
    private const int CacheLine = 16;

    /// <summary>rows[n] = table[ids[n]], or zeros where the id is <paramref name="zeros"/>. Each thread copies the rows of some ids.</summary>
    public static void Gather(float* table, float* ids, int zeros, float* rows, int count, int units) =>
        TeamKernel.Run<GatherKernel, Arguments>(new Arguments(table, ids, zeros, rows, count, units), count, 1, (double)count * units * TeamKernel.OperationsOfElement);

    /// <summary>
    /// table[ids[n]] += rows[n] for ascending n, except where the id is <paramref name="left"/>. Each thread adds some
    /// columns of all ids, so that a row that comes often is shared too.
    /// </summary>
    public static void Scatter(float* table, float* ids, int left, float* rows, int count, int units) =>
        TeamKernel.Run<ScatterKernel, Arguments>(new Arguments(table, ids, left, rows, count, units), units, CacheLine, (double)count * units * TeamKernel.OperationsOfElement);

    private readonly struct Arguments(float* table, float* ids, int special, float* rows, int count, int units)
    {
        public readonly float* Table = table, Ids = ids, Rows = rows;
        public readonly int Special = special, Count = count, Units = units;
    }

    private readonly struct GatherKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            int units = arguments.Units;
            for (int n = share.First; n < share.End; n++)
            {
                int id = (int)arguments.Ids[n], u = 0;
                float* from = arguments.Table + (nint)id * units, to = arguments.Rows + (nint)n * units;
                if (id == arguments.Special)
                {
                    new Span<float>(to, units).Clear();
                    continue;
                }
                for (; u <= units - TSimd.Lanes; u += TSimd.Lanes) TSimd.Store(TSimd.Load(from + u), to + u);
                for (; u < units; u++) to[u] = from[u];
            }
        }
    }

    private readonly struct ScatterKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            int units = arguments.Units, end = share.End;
            for (int n = 0; n < arguments.Count; n++)
            {
                int id = (int)arguments.Ids[n], u = share.First;
                if (id == arguments.Special) continue;
                float* from = arguments.Rows + (nint)n * units, to = arguments.Table + (nint)id * units;
                for (; u <= end - TSimd.Lanes; u += TSimd.Lanes) TSimd.Store(TSimd.Add(TSimd.Load(to + u), TSimd.Load(from + u)), to + u);
                for (; u < end; u++) to[u] += from[u];
            }
        }
    }
}
