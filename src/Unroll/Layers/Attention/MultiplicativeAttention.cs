using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Attention by products (Luong et al. 2015, arXiv 1508.04025): the score of query q and key k is qᵀ k or qᵀ W k, the weights are the
/// softmax of the scores over the real keys, and the output is the weighted average of the values. The paper's third score, concat,
/// is <see cref="AdditiveAttention"/> without a bias.
/// </summary>
public sealed class MultiplicativeAttention : MultiplicativeScoreLayer
{
    internal const string KindName = "multiplicative_attention";

    /// <summary>A layer that compares by a kind of product.</summary>
    /// <param name="score">Which product. Default <see cref="AttentionScore.General"/>.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such score.</exception>
    public MultiplicativeAttention(AttentionScore score = AttentionScore.General, string? name = null)
        : base(score, name)
    {
    }

    private MultiplicativeAttention(LayerSettings settings)
        : base(settings)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal static MultiplicativeAttention FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    // Without weights in memory: time and space for long sequences.
    internal override Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass) =>
        ScaledDotProductAttentionOp.Of(pass.Tape, queries, memory.Keys, memory.Values, new AttentionSettings(1)
        {
            Scale = ScaleOf(queries),
            Dropout = pass.Training ? Dropout : 0,
            Draws = Draws(pass),
            FirstQuery = pass.TimeStep,
        });

    // The output comes from the same operation, so that asking for the weights changes no bit of it.
    internal override Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass, out Tensor weights)
    {
        weights = MaskedSoftmaxOp.Of(pass.Tape, Scores(queries, in memory, pass), memory.Keys);
        return Attend(queries, in memory, pass);
    }
}
