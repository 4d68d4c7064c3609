using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Matrices;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = xᵀ for a dense matrix [M, N].</summary>
internal static unsafe class TransposeOp
{
    /// <exception cref="ArgumentException">Not two axes, or lengths.</exception>
    public static Tensor Of(Tape tape, Tensor x)
    {
        Shape shape = x.Shape;
        if (shape.Rank != 2 || x.Layout is not null) throw new ArgumentException($"Transpose: expected a dense matrix [M, N], received {shape}.");
        Tensor y = tape.New(new Shape(shape[1], shape[0]), null, tape.Needs(x));
        PlainProduct.Transpose(tape.Read(x), tape.Read(y), shape[0], shape[1]);
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
            if (Tape.HasGradient(Y)) PlainProduct.AddTransposed(tape.Gradient(Y), tape.Gradient(X), Y.Shape[0], Y.Shape[1]);
        }

        public override void Clear() => X = Y = default;
    }
}
