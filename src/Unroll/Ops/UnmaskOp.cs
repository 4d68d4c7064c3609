using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// A sequence with the steps again that <see cref="MaskOp"/> left out: each has the row of the real step before it, zeros where
/// there is none. A row's gradient is the sum over its repetitions.
/// </summary>
internal static unsafe class UnmaskOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, …]; given back as it is where no step was masked.</param>
    public static Tensor Of(Tape tape, Tensor x)
    {
        if (x.Layout is not { HasGaps: true } gapped) return x;
        SequenceLayout layout = tape.NewLayout();
        layout.Set(gapped.Spans, gapped.Steps);
        Tensor y = tape.New(x.Shape, layout, tape.Needs(x));
        int* sources = (int*)tape.Scratch(layout.Rows);
        FindSources(tape, gapped, layout, sources);
        float* from = tape.Read(x), to = tape.Read(y);
        int features = PackOp.FeaturesOf(x.Shape);
        for (int row = 0; row < layout.Rows; row++)
        {
            if (sources[row] < 0) RowCopy.Clear(to + (nint)row * features, features);
            else RowCopy.Copy(from + (nint)sources[row] * features, to + (nint)row * features, features);
        }
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Sources = sources;
        }
        return y;
    }

    /// <summary>For each row of the whole sequences the packed row that it repeats, or −1.</summary>
    private static void FindSources(Tape tape, SequenceLayout gapped, SequenceLayout whole, int* sources)
    {
        int* position = (int*)tape.Scratch(gapped.Batch); // of each sequence among the sorted ones with gaps
        for (int r = 0; r < gapped.Batch; r++) position[gapped.Order[r]] = r;
        for (int r = 0; r < whole.Batch; r++)
        {
            int b = whole.Order[r], from = position[b], source = -1;
            for (int t = 0, step = 0; t < whole.Lengths[b]; t++)
            {
                if (step < gapped.Lengths[b] && gapped.PlaceOf(step, from) == t) source = gapped.Offset(step++) + from;
                sources[whole.Offset(t) + r] = source;
            }
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public int* Sources;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X);
            int features = PackOp.FeaturesOf(X.Shape);
            for (int row = 0; row < Y.Layout!.Rows; row++)
                if (Sources[row] >= 0) RowCopy.Add(dy + (nint)row * features, dx + (nint)Sources[row] * features, features);
        }

        public override void Clear()
        {
            X = Y = default;
            Sources = null;
        }
    }
}
