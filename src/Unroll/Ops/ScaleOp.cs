using Unroll.Autograd;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = factor · x + shift, rounded once; dx += factor · dy.</summary>
internal static unsafe class ScaleOp
{
    public static Tensor Of(Tape tape, Tensor x, float factor, float shift = 0)
    {
        Tensor y = tape.NewLike(x);
        Map.Run(new ScaleMap(factor, shift), tape.Read(x), tape.Read(y), x.StoredLength);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Factor) = (x, y, factor);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float Factor;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X);
            Map.Run(new AddScaledMap(Factor), tape.Gradient(Y), dx, dx, X.StoredLength);
        }

        public override void Clear() => X = Y = default;
    }
}
