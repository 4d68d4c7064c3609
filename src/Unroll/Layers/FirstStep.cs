using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The first step of each sequence, [B, T, F] to [B, F]: in BERT what was made of [CLS] (Devlin et al. 2019, arXiv 1810.04805, section 3). Zeros for a
/// sequence of length 0.
/// </summary>
/// <param name="name">Unique in its model; null for "first_step" …</param>
public sealed class FirstStep(string? name = null) : Layer(name)
{
    internal const string KindName = "first_step";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.RequireFeatures(this, input);
        return new Shape(input[0], input[2]);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return input.Shape[1] == 0 ? SelectStepOp.LastOf(pass.Tape, input) : SelectStepOp.Of(pass.Tape, input, 0);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
    }
}
