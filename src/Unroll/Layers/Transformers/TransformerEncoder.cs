using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>
/// The Transformer's encoder (Vaswani et al. 2017, arXiv 1706.03762): <see cref="TransformerEncoderLayer"/>s one behind the other, [B, T, F] to
/// [B, T, F]. With <see cref="Causal"/> it is a decoder alone, as in GPT:
/// <c>new Sequential { new Embedding(v, f), new PositionalEncoding(), new TransformerEncoder(6, 8, 4 * f) { Causal = true }, new Dense(v) }</c>.
/// </summary>
public sealed class TransformerEncoder : TransformerStack
{
    internal const string KindName = "transformer_encoder";

    /// <summary>An encoder; F follows from the first input's shape.</summary>
    /// <param name="layers">How many, at least 1.</param>
    /// <param name="heads">Heads of each attention, at least 1; they divide F.</param>
    /// <param name="feedForwardSize">Units of each feed-forward part, at least 1.</param>
    /// <param name="name">Unique in its model; null for "transformer_encoder" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1.</exception>
    public TransformerEncoder(int layers, int heads, int feedForwardSize, string? name = null)
        : base(layers, heads, feedForwardSize, name)
    {
    }

    private TransformerEncoder(in LayerSettings settings)
        : base(in settings) => Causal = settings.Flag("causal");

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Whether step i sees steps 0 to i alone. Default false.</summary>
    public bool Causal { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => RequireOneSequence(inputs);

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["causal"] = Causal;
    }

    internal static TransformerEncoder FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    private protected override TransformerLayer NewLayer() => new TransformerEncoderLayer(this);
}
