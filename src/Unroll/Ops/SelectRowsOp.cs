using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Some stored rows of […, F], one below the other; their gradients are added to those rows.</summary>
internal static unsafe class SelectRowsOp
{
    /// <summary>The rows as a dense [count, F].</summary>
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[…, F].</param>
    /// <param name="rows">Indices of stored rows, alive until the tape's reset; null for the first ones in order.</param>
    /// <param name="count">How many.</param>
    public static Tensor Of(Tape tape, Tensor x, int* rows, int count) => Of(tape, x, rows, new Shape(count, x.Features), null);

    /// <summary>The rows as the stored rows of a shape, perhaps with lengths.</summary>
    public static Tensor Of(Tape tape, Tensor x, int* rows, Shape shape, SequenceLayout? layout)
    {
        Tensor y = tape.New(shape, layout, tape.Needs(x));
        float* from = tape.Read(x), to = tape.Read(y);
        for (int r = 0, count = y.Rows; r < count; r++) RowCopy.Copy(from + (nint)(rows is null ? r : rows[r]) * x.Features, to + (nint)r * x.Features, x.Features);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Rows = rows;
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public int* Rows;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X), dy = tape.Gradient(Y);
            int features = X.Features;
            for (int r = 0; r < Y.Rows; r++) RowCopy.Add(dy + (nint)r * features, dx + (nint)(Rows is null ? r : Rows[r]) * features, features);
        }

        public override void Clear()
        {
            X = Y = default;
            Rows = null;
        }
    }
}
