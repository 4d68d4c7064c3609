using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Attention by a small network (Bahdanau et al. 2015, arXiv 1409.0473): the score of query q and key k is vᵀ tanh(W_q q + W_k k + b),
/// the weights are the softmax of the scores over the real keys, and the output is the weighted average of the values. With
/// <see cref="AdditiveScoreLayer.UseCoverage"/> the score is vᵀ tanh(W_q q + W_k k + w_c c + b).
/// </summary>
public sealed class AdditiveAttention : AdditiveScoreLayer
{
    internal const string KindName = "additive_attention";

    /// <summary>A layer that compares in a number of units.</summary>
    /// <param name="units">U, the width of v. At least 1.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one unit.</exception>
    public AdditiveAttention(int units, string? name = null)
        : base(units, name)
    {
    }

    private AdditiveAttention(LayerSettings settings)
        : base(settings)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override bool LooksBack => UseCoverage;

    /// <inheritdoc/>
    private protected override int FeatureCount => UseCoverage ? 1 : 0;

    internal static AdditiveAttention FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    private protected override Tensor Features(in AttentionMemory memory, Pass pass) =>
        UseCoverage ? WeightsAsStepsOp.Of(pass.Tape, memory.Total, memory.Keys) : default;
}
