using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Lengths given to a tensor within a pass.</summary>
public static class SequenceLengths
{
    /// <summary>
    /// This [B, T] or [B, T, F] with only the first <c>lengths[b]</c> steps of sequence b real, made on the pass's tape:
    /// unlike <see cref="Tensor.WithLengths"/> it allocates nothing once warm, and gradients flow back to the dense tensor.
    /// </summary>
    /// <exception cref="ArgumentException">Lengths present already, another count than B, or a length outside 0 to T.</exception>
    public static Tensor WithLengths(this Tensor x, ReadOnlySpan<int> lengths, Pass pass)
    {
        Shape shape = x.Shape;
        if (shape.Rank < 2) throw new ArgumentException($"Lengths need a tensor [batch, time, …]; this one is {shape}.", nameof(x));
        if (lengths.Length != shape[0]) throw new ArgumentException($"Expected {shape[0]} lengths, one a sequence, received {lengths.Length}.", nameof(lengths));
        SequenceLayout layout = pass.Tape.NewLayout();
        layout.Set(lengths, shape[1]);
        return PackOp.Of(pass.Tape, x, layout);
    }
}
