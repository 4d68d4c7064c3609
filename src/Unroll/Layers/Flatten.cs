using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>All axes but the batch as one: [B, T, F] becomes [B, T · F]. Steps past a sequence's length are zeros.</summary>
/// <param name="name">Unique in its model; null for "flatten", "flatten_1" …</param>
public sealed class Flatten(string? name = null) : Layer(name)
{
    internal const string KindName = "flatten";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank < 1) throw new ArgumentException($"{Title}: expected input [batch, …], received {input}.", nameof(input));
        int features = 1;
        for (int axis = 1; axis < input.Rank; axis++)
            features = features == Shape.Unknown || input[axis] == Shape.Unknown ? Shape.Unknown : checked(features * input[axis]);
        return new Shape(input[0], features);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return ReshapeOp.Of(pass.Tape, input, OutputShapeOf(input.Shape));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
    }
}
