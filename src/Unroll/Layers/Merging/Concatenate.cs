using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Inputs side by side along the last axis: [B, …, F₁] and [B, …, F₂] become [B, …, F₁ + F₂].</summary>
/// <param name="name">Unique in its model; null for "concatenate", "concatenate_1" …</param>
public sealed class Concatenate(string? name = null) : MergingLayer(name)
{
    internal const string KindName = "concatenate";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        Shape common = CommonShape(inputs, butFeatures: true);
        int features = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Rank < 2 || inputs[i].Features == Shape.Unknown)
                throw new ArgumentException($"{Title}: expected inputs [batch, …, features] with a known feature count, found {inputs[i]} as input {i}.", nameof(inputs));
            features += inputs[i].Features;
        }
        return common.With(-1, features);
    }

    private protected override Tensor Merge(Tape tape, Tensor merged, Tensor next) => ConcatenateOp.Of(tape, merged, next);
}
