using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Puts back the steps of [B, T, F] that <see cref="Masking"/> skipped: each gets the features of the real step before it, zeros
/// before the first. A sequence without skipped steps passes as it is.
/// </summary>
/// <remarks>After a recurrent layer that is what Keras's gives at masked steps: the output stays while the state does. From here on
/// the steps count again, in losses too.</remarks>
/// <param name="name">Unique in its model; null for "unmasking" …</param>
public sealed class Unmasking(string? name = null) : Layer(name)
{
    internal const string KindName = "unmasking";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.Require(this, input, "It belongs behind a layer that answers at every step (ReturnSequences).");
        return input;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return UnmaskOp.Of(pass.Tape, input);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
    }
}
