using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Regularization;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Σ a·|x| + s·x² over the real elements as one number; dx += dy·(a·sign(x) + 2s·x).</summary>
internal static unsafe class ActivityPenaltyOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">Any shape.</param>
    /// <param name="absolute">a.</param>
    /// <param name="square">s.</param>
    public static Tensor Of(Tape tape, Tensor x, double absolute, double square)
    {
        Tensor y = tape.New(new Shape(), null, tape.Needs(x));
        *tape.Read(y) = (float)Penalty.Run(tape.Read(x), null, x.StoredLength, (float)absolute, (float)square);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Absolute, node.Square) = (x, y, absolute, square);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public double Absolute, Square;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float dy = *tape.Gradient(Y);
            Penalty.AddSlope(tape.Read(X), tape.Gradient(X), X.StoredLength, (float)(dy * Absolute), (float)(dy * Square));
        }

        public override void Clear() => X = Y = default;
    }
}
