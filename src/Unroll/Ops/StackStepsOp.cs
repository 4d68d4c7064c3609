using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>T tensors [B, F], one a time step, as one sequence [B, T, F].</summary>
internal static unsafe class StackStepsOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="steps">One a step, from the first; each [B, F].</param>
    /// <param name="layout">Of B sequences and T steps where they have lengths: rows past a sequence's end are dropped and get no gradient.</param>
    /// <exception cref="ArgumentException">No step, or steps of different shapes, or a layout of another batch or time.</exception>
    public static Tensor Of(Tape tape, ReadOnlySpan<Tensor> steps, SequenceLayout? layout = null)
    {
        if (steps.IsEmpty) throw new ArgumentException("StackSteps: expected at least one step, received none.");
        Shape shape = steps[0].Shape;
        bool needs = false;
        for (int t = 0; t < steps.Length; t++)
        {
            if (shape.Rank != 2 || steps[t].Shape != shape || steps[t].Layout is not null)
                throw new ArgumentException($"StackSteps: expected every step to be [batch, features] like step 0, {shape}; step {t} is {steps[t].Shape}.");
            needs |= tape.Needs(steps[t]);
        }
        if (layout is not null && (layout.Batch != shape[0] || layout.Steps != steps.Length))
            throw new ArgumentException($"StackSteps: the lengths are of {layout.Batch} sequences and {layout.Steps} steps, the tensors of {shape[0]} and {steps.Length}.");
        Tensor y = tape.New(new Shape(shape[0], steps.Length, shape[1]), layout, needs);
        float* to = tape.Read(y);
        int features = shape[1];
        for (int t = 0; t < steps.Length; t++)
        {
            float* from = tape.Read(steps[t]);
            for (int r = 0, rows = RowsAt(y, t); r < rows; r++)
            {
                nint row = RowOf(y, t, r, out int b);
                RowCopy.Copy(from + (nint)b * features, to + row * features, features);
            }
        }
        if (needs)
        {
            Node node = tape.Record<Node>();
            node.Y = y;
            foreach (Tensor step in steps) node.Steps.Add(step);
        }
        return y;
    }

    private static int RowsAt(Tensor y, int t) => y.Layout is { } layout ? layout.RowsAt(t) : y.Shape[0];

    private static nint RowOf(Tensor y, int t, int r, out int b)
    {
        if (y.Layout is not { } layout)
        {
            b = r;
            return (nint)r * y.Shape[1] + t;
        }
        b = layout.Order[r];
        return layout.Offset(t) + r;
    }

    private sealed class Node : Autograd.Node
    {
        public readonly List<Tensor> Steps = [];
        public Tensor Y;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* from = tape.Gradient(Y);
            int features = Y.Features;
            for (int t = 0; t < Steps.Count; t++)
            {
                float* to = tape.Gradient(Steps[t]);
                for (int r = 0, rows = to == null ? 0 : RowsAt(Y, t); r < rows; r++)
                {
                    nint row = RowOf(Y, t, r, out int b);
                    RowCopy.Add(from + row * features, to + (nint)b * features, features);
                }
            }
        }

        public override void Clear()
        {
            Steps.Clear();
            Y = default;
        }
    }
}
