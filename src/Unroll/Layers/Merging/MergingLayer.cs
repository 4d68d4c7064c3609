using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A layer of several inputs, for a functional model: <c>new Concatenate().Of(a, b)</c>. Inputs meet in the batch, the time and the
/// lengths of their sequences; where one carries lengths and another does not, the other is taken to have the same.
/// </summary>
public abstract class MergingLayer : MultipleInputLayer
{
    private protected MergingLayer(string? name)
        : base(name)
    {
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Fewer than two, or inputs that do not meet.</exception>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        if (inputs.Length < 2) throw TooFew(inputs.Length);
        SequenceLayout? layout = null;
        for (int i = 0; i < inputs.Length && layout is null; i++) layout = inputs[i].Layout;
        Tensor merged = Aligned(inputs[0], layout, pass.Tape);
        for (int i = 1; i < inputs.Length; i++) merged = Merge(pass.Tape, merged, Aligned(inputs[i], layout, pass.Tape));
        return Finish(pass.Tape, merged, inputs.Length);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
    }

    /// <summary>Two inputs of which the first may be several merged already.</summary>
    private protected abstract Tensor Merge(Tape tape, Tensor merged, Tensor next);

    /// <summary>What is left to do to all inputs merged.</summary>
    private protected virtual Tensor Finish(Tape tape, Tensor merged, int count) => merged;

    /// <summary>The shape of all inputs; an axis that is open in one is what it is in another.</summary>
    private protected Shape CommonShape(ReadOnlySpan<Shape> inputs, bool butFeatures)
    {
        if (inputs.Length < 2) throw TooFew(inputs.Length);
        Shape common = inputs[0];
        for (int i = 1; i < inputs.Length; i++)
        {
            if (inputs[i].Rank != common.Rank)
                throw new ArgumentException($"{Title}: expected inputs of {common.Rank} axes like input 0, {inputs[0]}, found {inputs[i]} as input {i}.", nameof(inputs));
            for (int axis = 0; axis < common.Rank - (butFeatures ? 1 : 0); axis++)
            {
                if (common[axis] == Shape.Unknown) common = common.With(axis, inputs[i][axis]);
                else if (inputs[i][axis] != Shape.Unknown && inputs[i][axis] != common[axis])
                    throw new ArgumentException($"{Title}: expected {common[axis]} in axis {axis} as in input 0, {inputs[0]}, found {inputs[i]} as input {i}.", nameof(inputs));
            }
        }
        return common;
    }

    private Tensor Aligned(Tensor input, SequenceLayout? layout, Tape tape) =>
        layout is not null && input.Layout is null && input.Shape.Rank >= 2 && input.Shape[0] == layout.Batch && input.Shape[1] == layout.Steps
            ? PackOp.Of(tape, input, layout)
            : input;

    private ArgumentException TooFew(int count) => new($"{Title}: expected at least two inputs, received {count}. Apply it with Of(a, b) in a functional model.");
}
