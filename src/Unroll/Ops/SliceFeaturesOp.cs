using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Some neighbouring features of every row: y = x[…, start .. start + count].</summary>
internal static unsafe class SliceFeaturesOp
{
    /// <exception cref="ArgumentOutOfRangeException">A range that the features do not hold.</exception>
    public static Tensor Of(Tape tape, Tensor x, int start, int count)
    {
        int features = x.Features;
        if (start < 0 || count < 0 || start > features - count)
            throw new ArgumentOutOfRangeException(nameof(start), $"SliceFeatures: expected a range within the {features} features of {x.Shape}, received {start} to {(long)start + count}.");
        Tensor y = tape.New(x.Shape.With(-1, count), x.Layout, tape.Needs(x));
        float* from = tape.Read(x) + start, to = tape.Read(y);
        for (int row = 0; row < x.Rows; row++) RowCopy.Copy(from + (nint)row * features, to + (nint)row * count, count);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Start) = (x, y, start);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public int Start;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            int features = X.Features, count = Y.Features;
            float* from = tape.Gradient(Y), to = tape.Gradient(X) + Start;
            for (int row = 0; row < X.Rows; row++) RowCopy.Add(from + (nint)row * count, to + (nint)row * features, count);
        }

        public override void Clear() => X = Y = default;
    }
}
