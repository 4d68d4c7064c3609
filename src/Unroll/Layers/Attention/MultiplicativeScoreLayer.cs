using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Attention that compares a query q with a key k by the product qᵀ k or qᵀ W k (Luong et al. 2015, arXiv 1508.04025, equation 8).</summary>
public abstract class MultiplicativeScoreLayer : AttentionLayer
{
    private Parameter? _kernel;

    private protected MultiplicativeScoreLayer(AttentionScore score, string? name)
        : base(name)
    {
        if (!Enum.IsDefined(score)) throw new ArgumentOutOfRangeException(nameof(score), $"{GetType().Name}: score {(int)score} is not one of {string.Join(", ", Enum.GetNames<AttentionScore>())}.");
        Score = score;
    }

    private protected MultiplicativeScoreLayer(LayerSettings settings)
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
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["score"] = Score.ToString();
        if (Scaled) configuration["scaled"] = true;
    }

    internal sealed override AttentionMemory Remember(Tensor values, Tensor keys, Pass pass) =>
        new(_kernel is { } kernel ? LinearOp.Of(pass.Tape, keys, kernel, null) : keys, values);

    /// <summary>The scores [B, Tq, Tk].</summary>
    private protected Tensor Scores(Tensor queries, in AttentionMemory memory, Pass pass) =>
        AttentionScoresOp.Of(pass.Tape, queries, memory.Keys, ScaleOf(queries));

    /// <summary>What products are multiplied with.</summary>
    private protected float ScaleOf(Tensor queries) => Scaled ? 1f / MathF.Sqrt(queries.Features) : 1f;

    /// <inheritdoc/>
    private protected sealed override void CheckFeatures(int query, int key)
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
}
