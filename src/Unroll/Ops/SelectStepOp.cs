using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>One time step of a sequence [B, T, F] as [B, F]; where a sequence has no such step, zeros.</summary>
internal static unsafe class SelectStepOp
{
    private const int LastStep = -1;

    /// <summary>Step <paramref name="step"/> of every sequence.</summary>
    /// <exception cref="ArgumentException">Not three axes, or no such step.</exception>
    public static Tensor Of(Tape tape, Tensor x, int step)
    {
        if (step < 0) throw new ArgumentOutOfRangeException(nameof(step), $"SelectStep: expected a step of 0 or more, received {step}.");
        return Select(tape, x, step);
    }

    /// <summary>The last real step of each sequence; zeros for one of length 0.</summary>
    public static Tensor LastOf(Tape tape, Tensor x) => Select(tape, x, LastStep);

    private static Tensor Select(Tape tape, Tensor x, int step)
    {
        Shape shape = x.Shape;
        if (shape.Rank != 3) throw new ArgumentException($"SelectStep: expected [batch, time, features], received {shape}.");
        if (step >= shape[1]) throw new ArgumentException($"SelectStep: step {step} is not in {shape}, which has {shape[1]} steps.");
        int batch = shape[0], features = shape[2];
        Tensor y = tape.New(new Shape(batch, features), null, tape.Needs(x));
        float* from = tape.Read(x), to = tape.Read(y);
        for (int r = 0; r < batch; r++)
        {
            int row = RowOf(x, r, step, out int b);
            if (row < 0) RowCopy.Clear(to + (nint)b * features, features);
            else RowCopy.Copy(from + (nint)row * features, to + (nint)b * features, features);
        }
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Step) = (x, y, step);
        }
        return y;
    }

    /// <summary>The stored row of a step of the sequence at sorted position <paramref name="r"/>, −1 where there is none; its place in the batch.</summary>
    private static int RowOf(Tensor x, int r, int step, out int b)
    {
        if (x.Layout is not { } layout)
        {
            b = r;
            int steps = x.Shape[1];
            return steps == 0 ? -1 : r * steps + (step == LastStep ? steps - 1 : step);
        }
        b = layout.Order[r];
        int length = layout.Lengths[b], t = step == LastStep ? length - 1 : step;
        return t < 0 || t >= length ? -1 : layout.Offset(t) + r;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public int Step;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* from = tape.Gradient(Y), to = tape.Gradient(X);
            int features = Y.Features;
            for (int r = 0; r < Y.Rows; r++)
            {
                int row = RowOf(X, r, Step, out int b);
                if (row >= 0) RowCopy.Add(from + (nint)b * features, to + (nint)row * features, features);
            }
        }

        public override void Clear() => X = Y = default;
    }
}
