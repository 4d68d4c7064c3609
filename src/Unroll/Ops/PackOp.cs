using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The real rows of a dense [B, T, …], packed by time; what the padding held is dropped and gets no gradient.
/// </summary>
internal static unsafe class PackOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T] or [B, T, …], without lengths.</param>
    /// <param name="layout">Of B sequences and T steps; not changed while the result is used.</param>
    /// <exception cref="ArgumentException">Packed already, or of another batch or time.</exception>
    public static Tensor Of(Tape tape, Tensor x, SequenceLayout layout)
    {
        Shape shape = x.Shape;
        if (x.Layout is not null) throw new ArgumentException($"Pack: the tensor {shape} carries lengths already.");
        if (shape.Rank < 2 || shape[0] != layout.Batch || shape[1] != layout.Steps)
            throw new ArgumentException($"Pack: expected [{layout.Batch}, {layout.Steps}, …], received {shape}.");
        Tensor y = tape.New(shape, layout, tape.Needs(x));
        PackRows.Pack(layout, tape.Read(x), tape.Read(y), FeaturesOf(shape));
        if (x.Buffer.Lookup is { Table: not null } lookup) y.Buffer.Lookup = lookup with { Ids = Of(tape, lookup.Ids, layout) };
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Layout) = (x, y, layout);
        }
        return y;
    }

    /// <summary>A [B, T, …] with its rows packed by time: itself where it is packed, every step of a dense one.</summary>
    public static Tensor ByTime(Tape tape, Tensor x)
    {
        if (x.Layout is not null) return x;
        SequenceLayout layout = tape.NewLayout();
        layout.SetFull(x.Shape[0], x.Shape[1]);
        return Of(tape, x, layout);
    }

    /// <summary>Floats of one sequence at one step.</summary>
    internal static int FeaturesOf(Shape shape)
    {
        int features = 1;
        for (int axis = 2; axis < shape.Rank; axis++) features *= shape[axis];
        return features;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public SequenceLayout Layout = null!;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X, out bool isFirst);
            if (isFirst) PackRows.Unpack(Layout, dy, dx, FeaturesOf(X.Shape));
            else PackRows.AddUnpacked(Layout, dy, dx, FeaturesOf(X.Shape));
        }

        public override void Clear()
        {
            X = Y = default;
            Layout = null!;
        }
    }
}
