using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The end of a model whose loss needs parameters of its own: a chain's transitions, the rows of a large vocabulary. As
/// an activation it turns features into what <c>Predict</c> gives; its loss finds it on the features themselves, where
/// <see cref="OutputHeadOp"/> noted it, so that losses stay without state.
/// </summary>
internal abstract unsafe class OutputHead(string name) : Activation
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <summary>A head needs all steps of a sequence, or parameters laid out for them; a stream refuses its layer before.</summary>
    internal sealed override void ApplyToRow(float* x, float* y, int length) =>
        throw new NotSupportedException($"The output '{Name}' has no rule for one step. Use Predict on whole sequences.");

    /// <summary>How many classes a target may be.</summary>
    public abstract int Classes { get; }

    /// <summary>The mean loss Σ w·l / total as one number on the tape.</summary>
    /// <param name="tape">The features' tape.</param>
    /// <param name="features">What <see cref="OutputHeadOp"/> gave.</param>
    /// <param name="labels">A class for each stored row, on the tape.</param>
    /// <param name="weights">A weight for each stored row, on the tape; null for ones.</param>
    /// <param name="total">The sum of the weights, above 0.</param>
    public abstract Tensor Loss(Tape tape, Tensor features, int* labels, float* weights, double total);
}
