using Unroll.Autograd;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = f(x) element by element; dx += f′ · dy, with f′ from y where the kernel can, else from x.</summary>
internal static unsafe class ActivationOp
{
    public static Tensor Of<TKernel>(Tape tape, Tensor x) where TKernel : struct, IActivationKernel
    {
        Tensor y = tape.NewLike(x);
        Map.Run(new ActivationMap<TKernel>(), tape.Read(x), tape.Read(y), x.StoredLength);
        if (tape.Needs(x))
        {
            Node<TKernel> node = tape.Record<Node<TKernel>>();
            (node.X, node.Y) = (x, y);
        }
        return y;
    }

    private sealed class Node<TKernel> : Node where TKernel : struct, IActivationKernel
    {
        public Tensor X, Y;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* saved = tape.Read(TKernel.GradientFromOutput ? Y : X), dy = tape.Gradient(Y), dx = tape.Gradient(X, out bool isFirst);
            if (isFirst) Map.Run(new ActivationGradientMap<TKernel>(), saved, dy, dx, X.StoredLength);
            else Map.Run(new ActivationGradientAddMap<TKernel>(), saved, dy, dx, dx, X.StoredLength);
        }

        public override void Clear() => X = Y = default;
    }
}
