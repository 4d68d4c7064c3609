using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>The sum of every real element as one number, accumulated in double precision; dx += dy.</summary>
internal static unsafe class SumOp
{
    public static Tensor Of(Tape tape, Tensor x) => Scaled(tape, x, 1);

    /// <summary>The sum divided by <paramref name="divisor"/>.</summary>
    internal static Tensor Scaled(Tape tape, Tensor x, double divisor)
    {
        Tensor y = tape.New(new Shape(), null, tape.Needs(x));
        *tape.Read(y) = (float)(TotalSum.Of(tape.Read(x), x.StoredLength) / divisor);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Divisor) = (x, y, divisor);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public double Divisor;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X);
            Map.Run(new AddConstantMap((float)(*tape.Gradient(Y) / Divisor)), dx, dx, X.StoredLength);
        }

        public override void Clear() => X = Y = default;
    }
}
