using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The sum of inputs of one shape: y = Σ xᵢ, from the first on.</summary>
/// <param name="name">Unique in its model; null for "add", "add_1" …</param>
public sealed class Add(string? name = null) : MergingLayer(name)
{
    internal const string KindName = "add";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => CommonShape(inputs, butFeatures: false);

    private protected override Tensor Merge(Tape tape, Tensor merged, Tensor next) => AddOp.Of(tape, merged, next);
}
