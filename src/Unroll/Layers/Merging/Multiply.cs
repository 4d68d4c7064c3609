using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The product of inputs of one shape, element by element: y = Π xᵢ.</summary>
/// <param name="name">Unique in its model; null for "multiply", "multiply_1" …</param>
public sealed class Multiply(string? name = null) : MergingLayer(name)
{
    internal const string KindName = "multiply";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => CommonShape(inputs, butFeatures: false);

    private protected override Tensor Merge(Tape tape, Tensor merged, Tensor next) => MultiplyOp.Of(tape, merged, next);
}
