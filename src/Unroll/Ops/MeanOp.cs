using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>The mean of every real element as one number: padding counts neither above nor below the line.</summary>
internal static class MeanOp
{
    /// <exception cref="ArgumentException">No element.</exception>
    public static Tensor Of(Tape tape, Tensor x)
    {
        if (x.StoredLength == 0) throw new ArgumentException($"Mean: expected at least one real element, received {x.Shape} with none.");
        return SumOp.Scaled(tape, x, x.StoredLength);
    }
}
