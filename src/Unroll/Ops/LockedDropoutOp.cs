using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Inverted dropout with one mask a sequence, the same at each of its steps (Gal and Ghahramani 2016): y_bt = m_b · x_bt;
/// dx_bt += m_b · dy_bt. Feature f of sequence b follows from the stream and (b, f) alone.
/// </summary>
internal static unsafe class LockedDropoutOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, F], rows packed by time.</param>
    /// <param name="rate">The share of features dropped, in [0, 1).</param>
    /// <param name="stream">Seed, name and step of the draws.</param>
    public static Tensor Of(Tape tape, Tensor x, float rate, in RandomStream stream)
    {
        SequenceLayout layout = x.Layout ?? throw new ArgumentException($"LockedDropout: expected rows packed by time, received {x.Shape}.", nameof(x));
        Tensor y = tape.NewLike(x);
        int features = x.Features, sequences = layout.Steps == 0 ? 0 : layout.RowsAt(0);
        // In the rows' order, so that a step's masks are the first of all.
        float* mask = tape.Scratch((long)sequences * features);
        for (int r = 0; r < sequences; r++)
            RandomFill.KeepMask(in stream, SequenceDraws.First(layout.Order[r]), rate, new Span<float>(mask + (nint)r * features, features));
        float* from = tape.Read(x), to = tape.Read(y);
        for (int t = 0; t < layout.Steps; t++)
        {
            nint at = (nint)layout.Offset(t) * features;
            Map.Run(new MultiplyMap(), mask, from + at, to + at, layout.RowsAt(t) * features);
        }
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Mask = mask;
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Mask;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            SequenceLayout layout = X.Layout!;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X);
            for (int t = 0; t < layout.Steps; t++)
            {
                nint at = (nint)layout.Offset(t) * X.Features;
                Map.Run(new MultiplyAddMap(), Mask, dy + at, dx + at, dx + at, layout.RowsAt(t) * X.Features);
            }
        }

        public override void Clear()
        {
            X = Y = default;
            Mask = null;
        }
    }
}
