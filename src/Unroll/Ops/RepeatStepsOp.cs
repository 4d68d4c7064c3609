using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>A row [B, F] at every one of T steps: y[b, t] = x[b]. dx is the sum of dy over time, first step first.</summary>
internal static unsafe class RepeatStepsOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, F].</param>
    /// <param name="steps">T, at least 1.</param>
    /// <returns>[B, T, F], packed by time.</returns>
    /// <exception cref="ArgumentException">Another number of axes.</exception>
    public static Tensor Of(Tape tape, Tensor x, int steps)
    {
        if (x.Shape.Rank != 2 || x.Layout is not null) throw new ArgumentException($"RepeatSteps: expected [batch, features], received {x.Shape}.");
        SequenceLayout layout = tape.NewLayout();
        layout.SetFull(x.Shape[0], steps);
        Tensor y = tape.New(new Shape(x.Shape[0], steps, x.Shape[1]), layout, tape.Needs(x));
        float* from = tape.Read(x), to = tape.Read(y);
        for (int t = 0; t < steps; t++) RowCopy.Copy(from, to + (nint)t * x.StoredLength, x.StoredLength);
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
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X);
            for (int t = 0; t < Y.Shape[1]; t++) RowCopy.Add(dy + (nint)t * X.StoredLength, dx, X.StoredLength);
        }

        public override void Clear() => X = Y = default;
    }
}
