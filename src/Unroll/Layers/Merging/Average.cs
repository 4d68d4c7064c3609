using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The mean of inputs of one shape: y = Σ xᵢ / n.</summary>
/// <param name="name">Unique in its model; null for "average", "average_1" …</param>
public sealed class Average(string? name = null) : MergingLayer(name)
{
    internal const string KindName = "average";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => CommonShape(inputs, butFeatures: false);

    private protected override Tensor Merge(Tape tape, Tensor merged, Tensor next) => AddOp.Of(tape, merged, next);

    private protected override Tensor Finish(Tape tape, Tensor merged, int count) => ScaleOp.Of(tape, merged, 1f / count);
}
