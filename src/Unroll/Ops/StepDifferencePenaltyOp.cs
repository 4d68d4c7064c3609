using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Regularization;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// β · the mean of (x_t − x_{t−1})² over every element of every pair of neighbouring real steps, as one number; 0 where
/// there is no pair. With the factor c = 2β·dy / count: dx_t += c·(x_t − x_{t−1}), dx_{t−1} −= the same.
/// </summary>
internal static unsafe class StepDifferencePenaltyOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, F], rows packed by time.</param>
    /// <param name="factor">β.</param>
    public static Tensor Of(Tape tape, Tensor x, double factor)
    {
        SequenceLayout layout = x.Layout ?? throw new ArgumentException($"StepDifferencePenalty: expected rows packed by time, received {x.Shape}.", nameof(x));
        float* values = tape.Read(x);
        int features = x.Features;
        // A step's rows are the first of the step's before, so both are one run of memory.
        double sum = 0, count = 0;
        for (int t = 1; t < layout.Steps; t++)
        {
            int length = layout.RowsAt(t) * features;
            sum += SquaredDifference.Of(Step(values, layout, t, features), Step(values, layout, t - 1, features), length);
            count += length;
        }
        Tensor y = tape.New(new Shape(), null, tape.Needs(x));
        *tape.Read(y) = count > 0 ? (float)(factor * sum / count) : 0;
        if (tape.Needs(x) && count > 0)
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Slope) = (x, y, 2 * factor / count);
        }
        return y;
    }

    private static float* Step(float* values, SequenceLayout layout, int step, int features) => values + (nint)layout.Offset(step) * features;

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public double Slope;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            SequenceLayout layout = X.Layout!;
            float slope = (float)(*tape.Gradient(Y) * Slope);
            float* x = tape.Read(X), dx = tape.Gradient(X);
            int features = X.Features;
            for (int t = 1; t < layout.Steps; t++)
            {
                float* now = Step(x, layout, t, features), before = Step(x, layout, t - 1, features);
                int length = layout.RowsAt(t) * features;
                SquaredDifference.Add(slope, now, before, Step(dx, layout, t, features), length);
                SquaredDifference.Add(slope, before, now, Step(dx, layout, t - 1, features), length);
            }
        }

        public override void Clear() => X = Y = default;
    }
}
