using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Layer normalisation over the last axis (Ba, Kiros and Hinton 2016): y = γ · (x − mean) / √(variance + ε) + β, with γ
/// and β [F] trained, from ones and zeros.
/// </summary>
public sealed class LayerNormalization : Layer
{
    internal const string KindName = "layer_normalization";

    private Parameter? _gamma, _beta;

    /// <summary>Layer normalisation; F follows from the first input's shape.</summary>
    /// <param name="epsilon">ε, above 0. Default 1e-3 as in Keras; PyTorch's is 1e-5.</param>
    /// <param name="name">Unique in its model; null for "layer_normalization", "layer_normalization_1" …</param>
    /// <exception cref="ArgumentOutOfRangeException">An ε that is not above 0 or not finite.</exception>
    public LayerNormalization(float epsilon = 1e-3f, string? name = null)
        : base(name)
    {
        if (!(epsilon > 0 && float.IsFinite(epsilon)))
            throw new ArgumentOutOfRangeException(nameof(epsilon), string.Create(CultureInfo.InvariantCulture, $"LayerNormalization: expected a finite epsilon above 0, received {epsilon}."));
        Epsilon = epsilon;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>ε, added to the variance.</summary>
    public float Epsilon { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank < 2 || input.Features == Shape.Unknown)
            throw new ArgumentException($"{Title}: expected input [batch, features] or [batch, time, features] with a known feature count, received {input}.", nameof(input));
        return input;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return LayerNormOp.Of(pass.Tape, input, _gamma!, _beta!, Epsilon);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["epsilon"] = Epsilon;
    }

    internal static LayerNormalization FromConfiguration(JsonObject configuration) =>
        new(new LayerSettings(KindName, configuration).Number("epsilon"));

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        _gamma = AddParameter(new Parameter("gamma", new Shape(input.Features)).Filled(new Ones(), this, seed));
        _beta = AddParameter(new Parameter("beta", new Shape(input.Features)));
    }
}
