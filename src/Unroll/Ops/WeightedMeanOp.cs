using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Losses;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = Σ w_i x_i / total in double precision; dx_i += dy · w_i / total. Where w_i is 0, x_i counts nowhere, were it infinite.</summary>
internal static unsafe class WeightedMeanOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">Numbers.</param>
    /// <param name="weights">As many, alive until the tape's reset; null for ones.</param>
    /// <param name="total">What the sum is divided by, not 0.</param>
    public static Tensor Of(Tape tape, Tensor x, float* weights, double total)
    {
        Tensor y = tape.New(new Shape(), null, tape.Needs(x));
        *tape.Read(y) = (float)(WeightedSum.Of(tape.Read(x), weights, x.StoredLength) / total);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Total) = (x, y, total);
            node.Weights = weights;
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Weights;
        public double Total;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X);
            float scale = (float)(*tape.Gradient(Y) / Total);
            for (int i = 0; i < X.StoredLength; i++) dx[i] += Weights is null ? scale : scale * Weights[i];
        }

        public override void Clear()
        {
            X = Y = default;
            Weights = null;
        }
    }
}
