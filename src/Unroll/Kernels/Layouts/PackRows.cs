namespace Unroll.Kernels.Layouts;

/// <summary>Moves rows between batch-first padded order [B, T, F] and rows packed by time [N, F].</summary>
internal static unsafe class PackRows
{
    /// <summary>
    /// Steps moved together: a sequence's rows of that many steps are read (or written) one after another, so that a
    /// narrow row does not fetch a cache line for itself.
    /// </summary>
    private const int StepsTogether = 16;

    /// <summary>Gathers the real rows of <paramref name="dense"/>.</summary>
    public static void Pack(SequenceLayout layout, ReadOnlySpan<float> dense, Span<float> packed)
    {
        fixed (float* from = dense, to = packed) Pack(layout, from, to, FeaturesOf(layout, dense.Length));
    }

    /// <summary>Gathers the real rows of <paramref name="dense"/>.</summary>
    public static void Pack(SequenceLayout layout, float* dense, float* packed, int features)
    {
        ReadOnlySpan<int> order = layout.Order, lengths = layout.Lengths;
        for (int start = 0; start < layout.Steps; start += StepsTogether)
            for (int r = 0, rows = layout.RowsAt(start); r < rows; r++)
            {
                int end = Math.Min(start + StepsTogether, lengths[order[r]]);
                float* from = dense + ((long)order[r] * layout.Steps + start) * features;
                for (int t = start; t < end; t++, from += features)
                    RowCopy.Copy(from, packed + (long)(layout.Offset(t) + r) * features, features);
            }
    }

    /// <summary>Scatters rows to their places and puts zeros into the padding.</summary>
    public static void Unpack(SequenceLayout layout, ReadOnlySpan<float> packed, Span<float> dense)
    {
        fixed (float* from = packed, to = dense) Unpack(layout, from, to, FeaturesOf(layout, dense.Length));
    }

    /// <summary>Scatters rows to their places and puts zeros into the padding.</summary>
    public static void Unpack(SequenceLayout layout, float* packed, float* dense, int features)
    {
        ReadOnlySpan<int> order = layout.Order, lengths = layout.Lengths;
        for (int r = 0; r < order.Length && !layout.IsFull; r++)
        {
            int b = order[r], padding = layout.Steps - lengths[b];
            RowCopy.Clear(dense + ((long)b * layout.Steps + lengths[b]) * features, padding * features);
        }
        for (int start = 0; start < layout.Steps; start += StepsTogether)
            for (int r = 0, rows = layout.RowsAt(start); r < rows; r++)
            {
                int end = Math.Min(start + StepsTogether, lengths[order[r]]);
                float* to = dense + ((long)order[r] * layout.Steps + start) * features;
                for (int t = start; t < end; t++, to += features)
                    RowCopy.Copy(packed + (long)(layout.Offset(t) + r) * features, to, features);
            }
    }

    /// <summary>Adds the real rows of <paramref name="dense"/> into packed ones.</summary>
    public static void AddPacked(SequenceLayout layout, float* dense, float* packed, int features)
    {
        ReadOnlySpan<int> order = layout.Order;
        for (int t = 0; t < layout.Steps; t++)
            for (int r = 0, rows = layout.RowsAt(t); r < rows; r++)
                RowCopy.Add(dense + ((long)order[r] * layout.Steps + t) * features, packed + (long)(layout.Offset(t) + r) * features, features);
    }

    /// <summary>Adds packed rows into their places; the padding is left as it is.</summary>
    public static void AddUnpacked(SequenceLayout layout, float* packed, float* dense, int features)
    {
        ReadOnlySpan<int> order = layout.Order;
        for (int t = 0; t < layout.Steps; t++)
            for (int r = 0, rows = layout.RowsAt(t); r < rows; r++)
                RowCopy.Add(packed + (long)(layout.Offset(t) + r) * features, dense + ((long)order[r] * layout.Steps + t) * features, features);
    }

    private static int FeaturesOf(SequenceLayout layout, int denseLength)
    {
        int steps = layout.Batch * layout.Steps;
        return steps == 0 ? 0 : denseLength / steps;
    }
}
