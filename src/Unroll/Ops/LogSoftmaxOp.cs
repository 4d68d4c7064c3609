using Unroll.Autograd;
using Unroll.Kernels.Softmax;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y_i = x_i − log Σ_j e^x_j over the last axis; dx += dy − e^y Σ dy.</summary>
internal static unsafe class LogSoftmaxOp
{
    public static Tensor Of(Tape tape, Tensor x)
    {
        Tensor y = tape.NewLike(x);
        SoftmaxKernel.Forward(tape.Read(x), tape.Read(y), x.Rows, x.Features, logarithm: true);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            SoftmaxKernel.Backward(tape.Read(Y), tape.Gradient(Y), tape.Gradient(X), Y.Rows, Y.Features, logarithm: true);
        }

        public override void Clear() => X = Y = default;
    }
}
