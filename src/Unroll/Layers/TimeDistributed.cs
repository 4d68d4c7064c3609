using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Any layer at every step: [B, T, …] becomes [B, T, …′], where the layer turns [N, …] into [N, …′]. Its rows are the real
/// steps of all sequences, so padding is never computed and the layer sees no time.
/// </summary>
/// <remarks>A <see cref="Dense"/> maps every step by itself; this is for layers that do not, such as <see cref="Flatten"/> or a
/// recurrent layer over the words of each sentence.</remarks>
public sealed class TimeDistributed : CompositeLayer
{
    internal const string KindName = "time_distributed";

    /// <summary>A layer at every step.</summary>
    /// <param name="layer">Not built yet, and in no other model.</param>
    /// <param name="name">Unique in its model; null for "time_distributed" …</param>
    /// <exception cref="ArgumentException">A layer that is built.</exception>
    public TimeDistributed(Layer layer, string? name = null)
        : base([layer], name)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The layer's, unless its loss needs the layer's own parameters.</summary>
    public override Activation? FinalActivation => Layers[0].FinalActivation is OutputHead ? null : Layers[0].FinalActivation;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.Require(this, input, "Use the layer without TimeDistributed for rows.");
        return WithTime(input, Layers[0].OutputShapeOf(StepOf(input)));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => Distribute(input, pass, beforeActivation: false);

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass) => Distribute(input, pass, FinalActivation is not null);

    internal static TimeDistributed FromConfiguration(JsonObject configuration) => new(ReadLayer(KindName, configuration));

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed) => BuildInner(0, StepOf(input), seed);

    private Tensor Distribute(Tensor input, Pass pass, bool beforeActivation)
    {
        EnsureBuilt(input, pass);
        int rows = input.Layout?.Rows ?? input.Shape[0] * input.Shape[1];
        Tensor steps = ReshapeOp.Stored(pass.Tape, input, StepOf(input.Shape).With(0, rows), null);
        Tensor answers = beforeActivation ? Layers[0].ForwardBeforeActivation(steps, pass) : Layers[0].Forward(steps, pass);
        answers = UnpackOp.Of(pass.Tape, answers);
        return ReshapeOp.Stored(pass.Tape, answers, WithTime(input.Shape, answers.Shape), input.Layout);
    }

    /// <summary>[B, T, …] as the layer sees it: [?, …].</summary>
    private static Shape StepOf(Shape input)
    {
        Span<int> axes = stackalloc int[input.Rank - 1];
        axes[0] = Shape.Unknown;
        for (int axis = 1; axis < axes.Length; axis++) axes[axis] = input[axis + 1];
        return new Shape(axes);
    }

    /// <summary>The batch and time of one shape before the other axes of a step's.</summary>
    private static Shape WithTime(Shape sequence, Shape step)
    {
        Span<int> axes = stackalloc int[step.Rank + 1];
        (axes[0], axes[1]) = (sequence[0], sequence[1]);
        for (int axis = 1; axis < step.Rank; axis++) axes[axis + 1] = step[axis];
        return new Shape(axes);
    }
}
