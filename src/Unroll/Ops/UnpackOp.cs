using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Rows packed by time as a dense [B, T, …] with zeros in the padding; a dense tensor is given back as it is.</summary>
internal static unsafe class UnpackOp
{
    public static Tensor Of(Tape tape, Tensor x)
    {
        if (x.Layout is not { } layout) return x;
        Tensor y = tape.New(x.Shape, null, tape.Needs(x));
        PackRows.Unpack(layout, tape.Read(x), tape.Read(y), PackOp.FeaturesOf(x.Shape));
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
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X, out bool isFirst);
            if (isFirst) PackRows.Pack(X.Layout!, dy, dx, PackOp.FeaturesOf(X.Shape));
            else PackRows.AddPacked(X.Layout!, dy, dx, PackOp.FeaturesOf(X.Shape));
        }

        public override void Clear() => X = Y = default;
    }
}
