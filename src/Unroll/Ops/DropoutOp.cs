using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014): each element becomes 0 with probability <c>rate</c> and is divided by
/// 1 − rate otherwise, so that the expectation stays. y = mask · x; dx += mask · dy.
/// </summary>
/// <remarks>
/// An element's fate follows from the stream and its place: sequence b, then t · F + f. So neither packing nor the
/// length to which a batch is padded changes it.
/// </remarks>
internal static unsafe class DropoutOp
{
    /// <summary>Draws between one sequence of the batch and the next: more than a sequence can hold.</summary>
    private const int SequenceBits = 32;

    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, …].</param>
    /// <param name="rate">The share dropped, in [0, 1); 0 gives <paramref name="x"/> back.</param>
    /// <param name="stream">Seed, name and step of the draws.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate outside [0, 1).</exception>
    public static Tensor Of(Tape tape, Tensor x, float rate, in RandomStream stream)
    {
        if (!(rate >= 0 && rate < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Dropout: expected a rate in [0, 1), received {rate}."));
        if (rate == 0) return x;
        Tensor y = tape.NewLike(x);
        float* mask = tape.Scratch(x.StoredLength);
        FillMask(x, rate, in stream, mask);
        Map.Run(new MultiplyMap(), mask, tape.Read(x), tape.Read(y), x.StoredLength);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Mask = mask;
        }
        return y;
    }

    private static void FillMask(Tensor x, float rate, in RandomStream stream, float* mask)
    {
        if (x.Layout is not { } layout)
        {
            int batch = x.Shape.Rank == 0 ? 1 : x.Shape[0], width = batch == 0 ? 0 : x.StoredLength / batch;
            for (int b = 0; b < batch; b++)
                RandomFill.KeepMask(in stream, (long)b << SequenceBits, rate, new Span<float>(mask + (nint)b * width, width));
            return;
        }
        int features = PackOp.FeaturesOf(x.Shape);
        for (int t = 0; t < layout.Steps; t++)
            for (int r = 0, rows = layout.RowsAt(t); r < rows; r++)
                RandomFill.KeepMask(in stream, ((long)layout.Order[r] << SequenceBits) + (long)t * features, rate,
                    new Span<float>(mask + (nint)(layout.Offset(t) + r) * features, features));
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Mask;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X);
            Map.Run(new MultiplyAddMap(), Mask, tape.Gradient(Y), dx, dx, X.StoredLength);
        }

        public override void Clear()
        {
            X = Y = default;
            Mask = null;
        }
    }
}
