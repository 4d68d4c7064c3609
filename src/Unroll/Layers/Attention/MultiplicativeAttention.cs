using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Attention by products (Luong et al. 2015, arXiv 1508.04025): the score of query q and key k is qᵀ k or qᵀ W k, the weights are the
/// softmax of the scores over the real keys, and the output is the weighted average of the values.
/// </summary>
public sealed class MultiplicativeAttention : AttentionLayer
{
    internal const string KindName = "multiplicative_attention";

    private Parameter? _kernel;

    /// <summary>A layer that compares by a kind of product.</summary>
    /// <param name="score">Which product. Default <see cref="AttentionScore.General"/>.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public MultiplicativeAttention(AttentionScore score = AttentionScore.General, string? name = null)
        : base(name)
    {
        if (!Enum.IsDefined(score)) throw new ArgumentOutOfRangeException(nameof(score), $"MultiplicativeAttention: score {(int)score} is not one of {string.Join(", ", Enum.GetNames<AttentionScore>())}.");
        Score = score;
    }

    private MultiplicativeAttention(LayerSettings settings)
        : base(settings)
    {
        Score = settings.Choice("score", AttentionScore.General);
        Scaled = settings.FlagOrFalse("scaled");
    }

    /// <summary>How queries and keys are compared.</summary>
    public AttentionScore Score { get; }

    /// <summary>Whether scores are divided by √Q, with Q the query's width, as in Vaswani et al. 2017. Default false, as in Luong's paper.</summary>
    public bool Scaled { get; init; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["score"] = Score.ToString();
        if (Scaled) configuration["scaled"] = true;
    }

    internal static MultiplicativeAttention FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    internal override AttentionMemory Remember(Tensor values, Tensor keys, Pass pass) =>
        new(_kernel is { } kernel ? LinearOp.Of(pass.Tape, keys, kernel, null) : keys, values);

    internal override Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass) =>
        ScaledDotProductAttentionOp.Of(pass.Tape, queries, memory.Keys, memory.Values, Settings(queries, pass));

    internal override Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass, out Tensor weights)
    {
        weights = MaskedSoftmaxOp.Of(pass.Tape, AttentionScoresOp.Of(pass.Tape, queries, memory.Keys, ScaleOf(queries)), memory.Keys);
        return Average(weights, memory.Values, pass);
    }

    /// <inheritdoc/>
    private protected override void CheckFeatures(int query, int key)
    {
        if (Score == AttentionScore.Dot && query != key)
            throw new ArgumentException($"{Title}: expected keys as wide as the query for a dot product, {query} features, received {key}; use AttentionScore.General, which brings them to that width.");
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        if (Score != AttentionScore.General) return;
        (Shape query, _, Shape key) = Roles(inputs);
        _kernel = AddParameter(new Parameter("kernel", new Shape(key.Features, query.Features), new PanelLayout(key.Features, 1, query.Features)).Filled(new GlorotUniform(), this, seed));
    }

    private float ScaleOf(Tensor queries) => Scaled ? 1f / MathF.Sqrt(queries.Features) : 1f;

    private AttentionSettings Settings(Tensor queries, Pass pass) => new(1)
    {
        Scale = ScaleOf(queries),
        Dropout = pass.Training ? Dropout : 0,
        Draws = Draws(pass),
        FirstQuery = pass.TimeStep,
    };
}
