using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Tensors side by side along the last axis: each row of y is the parts' rows one after another.</summary>
internal static unsafe class ConcatenateOp
{
    /// <exception cref="ArgumentException">No part, or parts that differ in another axis than the last or in their lengths.</exception>
    public static Tensor Of(Tape tape, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty) throw new ArgumentException("Concatenate: expected at least one tensor, received none.");
        Tensor first = parts[0];
        int features = 0;
        bool needs = false;
        foreach (Tensor part in parts)
        {
            Check(first, part);
            features += part.Shape[-1];
            needs |= tape.Needs(part);
        }
        Tensor y = tape.New(first.Shape.With(-1, features), first.Layout, needs);
        float* to = tape.Read(y);
        foreach (Tensor part in parts)
        {
            float* from = tape.Read(part);
            int width = part.Features;
            for (int row = 0; row < part.Rows; row++) RowCopy.Copy(from + (nint)row * width, to + (nint)row * features, width);
            to += width;
        }
        if (needs)
        {
            Node node = tape.Record<Node>();
            node.Y = y;
            foreach (Tensor part in parts) node.Parts.Add(part);
        }
        return y;
    }

    private static void Check(Tensor first, Tensor part)
    {
        Shape shape = part.Shape;
        if (shape.Rank == 0 || shape.Rank != first.Shape.Rank || shape.With(-1, 0) != first.Shape.With(-1, 0))
            throw new ArgumentException($"Concatenate: expected every axis but the last to be that of {first.Shape}, received {shape}.");
        bool same = part.Layout is { } layout ? first.Layout is { } other && layout.SameAs(other) : first.Layout is null;
        if (!same || (part.Layout is not null && shape.Rank < 3))
            throw new ArgumentException($"Concatenate: the tensors {first.Shape} and {shape} have different sequence lengths, or one carries none.");
    }

    private sealed class Node : Autograd.Node
    {
        public readonly List<Tensor> Parts = [];
        public Tensor Y;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* from = tape.Gradient(Y);
            int features = Y.Features;
            foreach (Tensor part in Parts)
            {
                int width = part.Features;
                float* to = tape.Gradient(part);
                for (int row = 0; to != null && row < part.Rows; row++) RowCopy.Add(from + (nint)row * features, to + (nint)row * width, width);
                from += width;
            }
        }

        public override void Clear()
        {
            Parts.Clear();
            Y = default;
        }
    }
}
