using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Some neighbouring stored rows of […, F] as a dense [count, F] over the same memory, values and gradient alike: nothing is
/// copied forward, nothing added backward.
/// </summary>
internal static class RowRangeOp
{
    /// <exception cref="ArgumentOutOfRangeException">Rows that the tensor does not have.</exception>
    public static Tensor Of(Tape tape, Tensor x, int first, int count)
    {
        if (first < 0 || count < 0 || first > x.Rows - count)
            throw new ArgumentOutOfRangeException(nameof(first), $"RowRange: expected a range within the {x.Rows} rows of {x.Shape}, received {first} to {(long)first + count}.");
        return tape.NewWithin(x, new Shape(count, x.Features), (long)first * x.Features);
    }
}
