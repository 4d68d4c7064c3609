using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Layouts;

/// <summary>Moves rows between batch-first padded order [B, T, F] and rows packed by time [N, F], on several threads where they are many.</summary>
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
    public static void Pack(SequenceLayout layout, float* dense, float* packed, int features) =>
        Run<Packing>(layout, dense, packed, features);

    /// <summary>Scatters rows to their places and puts zeros into the padding.</summary>
    public static void Unpack(SequenceLayout layout, ReadOnlySpan<float> packed, Span<float> dense)
    {
        fixed (float* from = packed, to = dense) Unpack(layout, from, to, FeaturesOf(layout, dense.Length));
    }

    /// <summary>Scatters rows to their places and puts zeros into the padding.</summary>
    public static void Unpack(SequenceLayout layout, float* packed, float* dense, int features)
    {
        ReadOnlySpan<int> order = layout.Order, lengths = layout.Lengths;
        if (layout.HasGaps) new Span<float>(dense, layout.Batch * layout.Steps * features).Clear();
        for (int r = 0; r < order.Length && !layout.IsFull && !layout.HasGaps; r++)
        {
            int b = order[r], padding = layout.Steps - lengths[b];
            RowCopy.Clear(dense + ((long)b * layout.Steps + lengths[b]) * features, padding * features);
        }
        Run<Unpacking>(layout, dense, packed, features);
    }

    /// <summary>Adds the real rows of <paramref name="dense"/> into packed ones.</summary>
    public static void AddPacked(SequenceLayout layout, float* dense, float* packed, int features) =>
        Run<AddingPacked>(layout, dense, packed, features);

    /// <summary>Adds packed rows into their places; the padding is left as it is.</summary>
    public static void AddUnpacked(SequenceLayout layout, float* packed, float* dense, int features) =>
        Run<AddingUnpacked>(layout, dense, packed, features);

    private static void Run<TMove>(SequenceLayout layout, float* dense, float* packed, int features) where TMove : struct, IMove =>
        ThreadTeam.Run(
            new Work<TMove> { Layout = layout, Dense = dense, Packed = packed, Features = features },
            TeamParts.For(TeamKernel.OperationsOfElement * layout.Rows * features));

    private static int FeaturesOf(SequenceLayout layout, int denseLength)
    {
        int steps = layout.Batch * layout.Steps;
        return steps == 0 ? 0 : denseLength / steps;
    }

    /// <summary>Each thread moves some of the steps, about as many rows as the others.</summary>
    private struct Work<TMove> : ITeamWork where TMove : struct, IMove
    {
        public SequenceLayout Layout;
        public float* Dense, Packed;
        public int Features;

        public readonly void Part(int part, int parts)
        {
            ReadOnlySpan<int> order = Layout.Order, lengths = Layout.Lengths;
            int last = FirstStep(part + 1, parts);
            for (int start = FirstStep(part, parts); start < last; start += StepsTogether)
                for (int r = 0, rows = Layout.RowsAt(start); r < rows; r++)
                {
                    int end = Math.Min(Math.Min(start + StepsTogether, last), lengths[order[r]]);
                    float* dense = Dense + (long)order[r] * Layout.Steps * Features;
                    for (int t = start; t < end; t++)
                        TMove.Move(dense + (long)Layout.PlaceOf(t, r) * Features, Packed + (long)(Layout.Offset(t) + r) * Features, Features);
                }
        }

        private readonly int FirstStep(int part, int parts)
        {
            if (part == parts) return Layout.Steps;
            int step = 0;
            while (step < Layout.Steps && Layout.Offset(step) < (long)Layout.Rows * part / parts) step++;
            return step;
        }
    }

    private interface IMove
    {
        static abstract void Move(float* dense, float* packed, int features);
    }

    private readonly struct Packing : IMove
    {
        public static void Move(float* dense, float* packed, int features) => RowCopy.Copy(dense, packed, features);
    }

    private readonly struct Unpacking : IMove
    {
        public static void Move(float* dense, float* packed, int features) => RowCopy.Copy(packed, dense, features);
    }

    private readonly struct AddingPacked : IMove
    {
        public static void Move(float* dense, float* packed, int features) => RowCopy.Add(dense, packed, features);
    }

    private readonly struct AddingUnpacked : IMove
    {
        public static void Move(float* dense, float* packed, int features) => RowCopy.Add(packed, dense, features);
    }
}
