namespace Unroll.Kernels.Layouts;

/// <summary>Moves rows between batch-first padded order [B, T, F] and rows packed by time [N, F].</summary>
internal static class PackRows
{
    /// <summary>Gathers the real rows of <paramref name="dense"/>.</summary>
    public static void Pack(SequenceLayout layout, ReadOnlySpan<float> dense, Span<float> packed)
    {
        int features = FeaturesOf(layout, dense.Length);
        for (int t = 0; t < layout.Steps; t++)
        {
            int rows = layout.RowsAt(t), offset = layout.Offset(t);
            for (int r = 0; r < rows; r++)
                dense.Slice((layout.Order[r] * layout.Steps + t) * features, features).CopyTo(packed[((offset + r) * features)..]);
        }
    }

    /// <summary>Scatters rows to their places and puts zeros into the padding.</summary>
    public static void Unpack(SequenceLayout layout, ReadOnlySpan<float> packed, Span<float> dense)
    {
        int features = FeaturesOf(layout, dense.Length);
        if (!layout.IsFull) dense.Clear();
        for (int t = 0; t < layout.Steps; t++)
        {
            int rows = layout.RowsAt(t), offset = layout.Offset(t);
            for (int r = 0; r < rows; r++)
                packed.Slice((offset + r) * features, features).CopyTo(dense[((layout.Order[r] * layout.Steps + t) * features)..]);
        }
    }

    private static int FeaturesOf(SequenceLayout layout, int denseLength)
    {
        int steps = layout.Batch * layout.Steps;
        return steps == 0 ? 0 : denseLength / steps;
    }
}
