using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Adds sines and cosines of a step's place (Vaswani et al. 2017, arXiv 1706.03762, section 3.5): to feature 2i of step t
/// sin(t / 10000^(2i / F)), to feature 2i + 1 the cosine of the same. Nothing is trained, and no length is too long.
/// </summary>
public sealed class PositionalEncoding : Layer
{
    internal const string KindName = "positional_encoding";

    private const double Base = 10000;

    private SinusoidTable? _table;

    /// <summary>An encoding; F follows from the first input's shape.</summary>
    /// <param name="name">Unique in its model; null for "positional_encoding" …</param>
    public PositionalEncoding(string? name = null)
        : base(name)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.RequireFeatures(this, input);
        return input;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return AddPositionsOp.Of(pass.Tape, input, _table!, pass.FirstStep);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed) => _table = new SinusoidTable(input.Features, Base, SinusoidOrder.Pairs);
}
