using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>A sweep divided by rows: each thread keeps its sequences for all steps and waits for nobody (KERNELS.md 8).</summary>
internal readonly struct SweepWork<TSweep> : ITeamWork where TSweep : struct, ISimdKernel<SweepArguments>
{
    private readonly SweepArguments _sweep;

    public SweepWork(in SweepArguments sweep) => _sweep = sweep;

    public void Part(int part, int parts)
    {
        SweepArguments mine = _sweep;
        mine.FirstRow = SweepParts.Boundary(in _sweep, part, parts);
        mine.EndRow = SweepParts.Boundary(in _sweep, part + 1, parts);
        if (mine.FirstRow < mine.EndRow) SimdWidth.Run<TSweep, SweepArguments>(in mine);
    }
}

/// <summary>How a sweep's rows are divided.</summary>
internal static class SweepParts
{
    private const long PrivateCache = 1 << 20;
    private const int RowsInPrivateCache = 2;
    private const int RowsInSharedCache = 8;

    /// <summary>Into how many parts a sweep is worth dividing: with few rows a thread's weights would be read for too little work.</summary>
    public static int For(in SweepArguments sweep)
    {
        if (sweep.FirstStep >= sweep.EndStep) return 1;
        int rows = sweep.Sequence.Offset(sweep.EndStep) - sweep.Sequence.Offset(sweep.FirstStep);
        double operations = 2.0 * sweep.Layout.Rows * sweep.Layout.StoredColumns * rows;
        bool isPrivate = (long)sweep.Layout.StorageLength * sizeof(float) <= PrivateCache;
        int longest = sweep.Sequence.RowsAt(sweep.FirstStep);
        return Math.Min(TeamParts.For(operations), longest / (isPrivate ? RowsInPrivateCache : RowsInSharedCache));
    }

    /// <summary>The first row of a part: parts have equal numbers of steps, not of rows. Rows are sorted, longest first.</summary>
    public static int Boundary(in SweepArguments sweep, int part, int parts)
    {
        int batch = sweep.Sequence.Batch;
        if (part == 0) return 0;
        if (part == parts) return batch;
        if (sweep.Sequence.IsFull) return (int)((long)batch * part / parts);
        long total = sweep.Sequence.Offset(sweep.EndStep) - sweep.Sequence.Offset(sweep.FirstStep);
        long wanted = total * part / parts, before = 0;
        ReadOnlySpan<int> lengths = sweep.Sequence.Lengths, order = sweep.Sequence.Order;
        for (int row = 0; row < batch; row++)
        {
            if (before >= wanted) return row;
            before += Math.Clamp(lengths[order[row]] - sweep.FirstStep, 0, sweep.EndStep - sweep.FirstStep);
        }
        return batch;
    }
}
