using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>One element of each row: y_r = x[r, index_r] for every stored row; its gradient goes back to that place.</summary>
internal static unsafe class PickOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[…, F].</param>
    /// <param name="indices">One from 0 to F − 1 for each stored row, alive until the tape's reset.</param>
    /// <returns>[rows].</returns>
    public static Tensor Of(Tape tape, Tensor x, int* indices)
    {
        Tensor y = tape.New(new Shape(x.Rows), null, tape.Needs(x));
        float* from = tape.Read(x), to = tape.Read(y);
        for (int r = 0; r < x.Rows; r++) to[r] = from[(long)r * x.Features + indices[r]];
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Indices = indices;
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public int* Indices;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X), dy = tape.Gradient(Y);
            for (int r = 0; r < X.Rows; r++) dx[(long)r * X.Features + Indices[r]] += dy[r];
        }

        public override void Clear()
        {
            X = Y = default;
            Indices = null;
        }
    }
}
