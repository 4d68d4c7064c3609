using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Each sequence read from its own end: y[b, t] = x[b, length_b − 1 − t]; padding stays behind.</summary>
internal static unsafe class ReverseTimeOp
{
    /// <exception cref="ArgumentException">Fewer than two axes.</exception>
    public static Tensor Of(Tape tape, Tensor x)
    {
        if (x.Shape.Rank < 2) throw new ArgumentException($"ReverseTime: expected [batch, time, …], received {x.Shape}.");
        Tensor y = tape.NewLike(x);
        Move(x, tape.Read(x), tape.Read(y), add: false);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
        }
        return y;
    }

    private static void Move(Tensor x, float* from, float* to, bool add)
    {
        int batch = x.Shape[0], steps = x.Shape[1], features = PackOp.FeaturesOf(x.Shape);
        SequenceLayout? layout = x.Layout;
        for (int t = 0; t < steps; t++)
            for (int r = 0, rows = layout?.RowsAt(t) ?? batch; r < rows; r++)
            {
                int mirrored = (layout is null ? steps : layout.Lengths[layout.Order[r]]) - 1 - t;
                nint source = layout is null ? (nint)r * steps + mirrored : layout.Offset(mirrored) + r;
                nint target = layout is null ? (nint)r * steps + t : layout.Offset(t) + r;
                if (add) RowCopy.Add(from + source * features, to + target * features, features);
                else RowCopy.Copy(from + source * features, to + target * features, features);
            }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;

        public override void Backward(Tape tape)
        {
            if (Tape.HasGradient(Y)) Move(X, tape.Gradient(Y), tape.Gradient(X), add: true);
        }

        public override void Clear() => X = Y = default;
    }
}
