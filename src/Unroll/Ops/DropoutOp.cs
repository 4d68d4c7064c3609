using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;
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
    /// <summary>What an element's draw is worth in operations of a product.</summary>
    private const double OperationsOfDraw = 64;

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
        int rows = x.Layout is { } layout ? layout.Rows : x.Shape.Rank == 0 ? 1 : x.Shape[0];
        var work = new MaskedRows
        {
            Layout = x.Layout,
            Rows = rows,
            Width = rows == 0 ? 0 : x.StoredLength / rows,
            Stream = stream,
            Rate = rate,
            Mask = mask,
            X = tape.Read(x),
            Y = tape.Read(y),
        };
        ThreadTeam.Run(work, TeamParts.For(OperationsOfDraw * x.StoredLength));
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Mask = mask;
        }
        return y;
    }

    /// <summary>Draws the mask row by row and multiplies: a row is a sequence, or where rows are packed one step of it.</summary>
    private struct MaskedRows : ITeamWork
    {
        public SequenceLayout? Layout;
        public int Rows, Width;
        public RandomStream Stream;
        public float Rate;
        public float* Mask, X, Y;

        public readonly void Part(int part, int parts)
        {
            (int first, int end) = TeamParts.Range(part, parts, Rows, 1);
            for (int row = first, step = 0; row < end; row++)
            {
                long draw = SequenceDraws.First(row);
                if (Layout is { } layout)
                {
                    while (row >= layout.Offset(step + 1)) step++;
                    draw = SequenceDraws.First(layout.Order[row - layout.Offset(step)]) + (long)step * Width;
                }
                nint at = (nint)row * Width;
                RandomFill.KeepMask(in Stream, draw, Rate, new Span<float>(Mask + at, Width));
                Map.Run(new MultiplyMap(), Mask + at, X + at, Y + at, Width);
            }
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Mask;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X, out bool isFirst);
            if (isFirst) Map.Run(new MultiplyMap(), Mask, dy, dx, X.StoredLength);
            else Map.Run(new MultiplyAddMap(), Mask, dy, dx, dx, X.StoredLength);
        }

        public override void Clear()
        {
            X = Y = default;
            Mask = null;
        }
    }
}
