namespace Unroll.Kernels.Layouts;

/// <summary>Moves states between [B, H] in the batch's order and what the sweeps use: sorted rows, or blocks of 16 units.</summary>
internal static unsafe class SortedStates
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>sorted[r] = states[order[r]], row-major.</summary>
    public static void Gather(SequenceLayout layout, float* states, int units, float* sorted)
    {
        for (int r = 0; r < layout.Batch; r++)
            new ReadOnlySpan<float>(states + (nint)layout.Order[r] * units, units).CopyTo(new Span<float>(sorted + (nint)r * units, units));
    }

    /// <summary>states[order[r]] += sorted[r], row-major.</summary>
    public static void ScatterAdd(SequenceLayout layout, float* sorted, int units, float* states)
    {
        for (int r = 0; r < layout.Batch; r++)
        {
            float* from = sorted + (nint)r * units, to = states + (nint)layout.Order[r] * units;
            for (int u = 0; u < units; u++) to[u] += from[u];
        }
    }

    /// <summary>Sorted rows in blocks [block][row][16], padded with zeros; zeros throughout for null.</summary>
    public static void GatherBlocks(SequenceLayout layout, float* states, int units, float* blocks)
    {
        for (int unit = 0; unit < units; unit += Size)
        {
            int valid = Math.Min(Size, units - unit);
            for (int r = 0; r < layout.Batch; r++, blocks += Size)
            {
                var block = new Span<float>(blocks, Size);
                block.Clear();
                if (states != null) new ReadOnlySpan<float>(states + (nint)layout.Order[r] * units + unit, valid).CopyTo(block);
            }
        }
    }

    /// <summary>Adds blocks [block][row][16] of sorted rows into states[order[r]].</summary>
    public static void ScatterAddBlocks(SequenceLayout layout, float* blocks, int units, float* states)
    {
        for (int unit = 0; unit < units; unit += Size)
        {
            int valid = Math.Min(Size, units - unit);
            for (int r = 0; r < layout.Batch; r++, blocks += Size)
            {
                float* to = states + (nint)layout.Order[r] * units + unit;
                for (int u = 0; u < valid; u++) to[u] += blocks[u];
            }
        }
    }
}
