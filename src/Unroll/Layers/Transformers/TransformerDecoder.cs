using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>
/// The Transformer's decoder (Vaswani et al. 2017, arXiv 1706.03762): <see cref="TransformerDecoderLayer"/>s one behind the other.
/// <c>Of(target, memory)</c>: [B, Tt, F] and the encoder's output [B, Tm, M] to [B, Tt, F].
/// </summary>
public sealed class TransformerDecoder : TransformerStack
{
    internal const string KindName = "transformer_decoder";

    /// <summary>A decoder; F and M follow from the first inputs' shapes.</summary>
    /// <param name="layers">How many, at least 1.</param>
    /// <param name="heads">Heads of each attention, at least 1; they divide F.</param>
    /// <param name="feedForwardSize">Units of each feed-forward part, at least 1.</param>
    /// <param name="name">Unique in its model; null for "transformer_decoder" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1.</exception>
    public TransformerDecoder(int layers, int heads, int feedForwardSize, string? name = null)
        : base(layers, heads, feedForwardSize, name)
    {
    }

    private TransformerDecoder(in LayerSettings settings)
        : base(in settings)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => RequireTargetAndMemory(inputs);

    internal static TransformerDecoder FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    private protected override TransformerLayer NewLayer() => new TransformerDecoderLayer(this);
}
