using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>The stored rows of several tensors […, F] one below the other, under a shape and perhaps lengths that hold as many.</summary>
internal static unsafe class StackRowsOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="parts">In the order of the result's stored rows.</param>
    /// <param name="shape">The result's shape; its last axis is F.</param>
    /// <param name="layout">Its lengths, where it has any.</param>
    /// <exception cref="ArgumentException">Other features, or another number of rows in all.</exception>
    public static Tensor Of(Tape tape, ReadOnlySpan<Tensor> parts, Shape shape, SequenceLayout? layout = null)
    {
        bool needs = false;
        foreach (Tensor part in parts) needs |= tape.Needs(part);
        Tensor y = tape.New(shape, layout, needs);
        float* to = tape.Read(y);
        int features = y.Features, rows = 0;
        foreach (Tensor part in parts)
        {
            if (part.Features != features || (rows += part.Rows) > y.Rows)
                throw new ArgumentException($"StackRows: expected parts that fill the {y.Rows} rows of {shape}, received one of {part.Shape} at row {rows - part.Rows}.");
            RowCopy.Copy(tape.Read(part), to, part.StoredLength);
            to += part.StoredLength;
        }
        if (rows != y.Rows) throw new ArgumentException($"StackRows: expected {y.Rows} rows for {shape}, received {rows}.");
        if (needs)
        {
            Node node = tape.Record<Node>();
            node.Y = y;
            foreach (Tensor part in parts) node.Parts.Add(part);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public readonly List<Tensor> Parts = [];
        public Tensor Y;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* from = tape.Gradient(Y);
            foreach (Tensor part in Parts)
            {
                float* to = tape.Gradient(part, out bool isFirst);
                if (isFirst) RowCopy.Copy(from, to, part.StoredLength);
                else if (to != null) RowCopy.Add(from, to, part.StoredLength);
                from += part.StoredLength;
            }
        }

        public override void Clear()
        {
            Parts.Clear();
            Y = default;
        }
    }
}
