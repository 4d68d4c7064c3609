using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Attention that compares a query q with a key k by a small network, vᵀ tanh(W_q q + W_k k + b) (Bahdanau et al. 2015,
/// arXiv 1409.0473, appendix A.1.2), perhaps with what earlier weights say added inside the tanh.
/// </summary>
public abstract class AdditiveScoreLayer : AttentionLayer
{
    private Parameter? _queryKernel, _keyKernel, _bias, _direction, _featureKernel;

    private protected AdditiveScoreLayer(int units, string? name)
        : base(name) => Units = AtLeastOne(units, nameof(units));

    private protected AdditiveScoreLayer(LayerSettings settings)
        : base(settings)
    {
        Units = AtLeastOne(settings.WholeNumber("units"), "units");
        UseBias = settings.Flag("use_bias");
        UseCoverage = settings.FlagOrFalse("use_coverage");
    }

    /// <summary>U, the width in which queries and keys are compared.</summary>
    public int Units { get; }

    /// <summary>Whether b exists. Default true; without it the score is Luong's concat.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary>
    /// Whether a score sees the coverage c_j too, the sum of the weights that earlier queries gave to its key (See et al. 2017,
    /// arXiv 1704.04368, section 2.3). Queries are then attended one after another. Default false.
    /// </summary>
    public bool UseCoverage { get; init; }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["units"] = Units;
        configuration["use_bias"] = UseBias;
        if (UseCoverage) configuration["use_coverage"] = true;
    }

    internal sealed override AttentionMemory Remember(Tensor values, Tensor keys, Pass pass) =>
        new(LinearOp.Of(pass.Tape, keys, _keyKernel!, null), values);

    internal sealed override Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass, out Tensor weights)
    {
        Tensor projected = LinearOp.Of(pass.Tape, queries, _queryKernel!, _bias), features = memory.Previous.IsDefault ? default : Features(in memory, pass);
        Tensor scores = AdditiveScoresOp.Of(pass.Tape, projected, memory.Keys, _direction!, features, features.IsDefault ? null : _featureKernel);
        weights = MaskedSoftmaxOp.Of(pass.Tape, scores, memory.Keys);
        return Average(weights, memory.Values, pass);
    }

    /// <summary>How many features of each key come from earlier weights.</summary>
    private protected abstract int FeatureCount { get; }

    /// <summary>[B, Tk, <see cref="FeatureCount"/>] with the keys' lengths, from the weights of earlier steps; none where they do not count.</summary>
    private protected abstract Tensor Features(in AttentionMemory memory, Pass pass);

    /// <inheritdoc/>
    private protected override void CheckFeatures(int query, int key)
    {
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        (Shape query, _, Shape key) = Roles(inputs);
        _queryKernel = Matrix("query_kernel", query.Features);
        _keyKernel = Matrix("key_kernel", key.Features);
        if (UseBias) _bias = AddParameter(new Parameter("bias", new Shape(Units), new PanelLayout(1, 1, Units)));
        _direction = AddParameter(new Parameter("direction", new Shape(Units)).Filled(new GlorotUniform(), this, seed));
        if (FeatureCount > 0) _featureKernel = AddParameter(new Parameter("feature_kernel", new Shape(FeatureCount, Units)).Filled(new GlorotUniform(), this, seed));

        Parameter Matrix(string name, int width) =>
            AddParameter(new Parameter(name, new Shape(width, Units), new PanelLayout(width, 1, Units)).Filled(new GlorotUniform(), this, seed));
    }

    private protected int AtLeastOne(int count, string name) => count >= 1 ? count
        : throw new ArgumentOutOfRangeException(name, $"{GetType().Name}: expected {name} of at least 1, received {count}.");
}
