using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// One layer of the Transformer's encoder (Vaswani et al. 2017, arXiv 1706.03762, section 3.1): self-attention, then the feed-forward
/// part. [B, T, F] to [B, T, F]. With <see cref="Causal"/> it is a layer of a decoder alone, as in GPT.
/// </summary>
public sealed class TransformerEncoderLayer : TransformerLayer
{
    internal const string KindName = "transformer_encoder_layer";

    private MultiHeadAttention _attention = null!;
    private LayerNormalization _attentionNorm = null!;

    /// <summary>An encoder layer; F follows from the first input's shape.</summary>
    /// <param name="heads">Heads of the attention, at least 1; they divide F.</param>
    /// <param name="feedForwardSize">Units of the feed-forward part, at least 1.</param>
    /// <param name="name">Unique in its model; null for "transformer_encoder_layer" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1.</exception>
    public TransformerEncoderLayer(int heads, int feedForwardSize, string? name = null)
        : base(heads, feedForwardSize, name)
    {
    }

    internal TransformerEncoderLayer(TransformerEncoder around)
        : base(around) => Causal = around.Causal;

    private TransformerEncoderLayer(in LayerSettings settings)
        : base(in settings) => Causal = settings.Flag("causal");

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Whether step i sees steps 0 to i alone. Default false.</summary>
    public bool Causal { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => RequireOneSequence(inputs);

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        EnsureBuilt(inputs, pass);
        Tensor x = inputs[0];
        x = After(x, _attention.Forward(Before(x, _attentionNorm, pass), pass), _attentionNorm, "attention_dropout", pass);
        return FeedForward(x, pass);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["causal"] = Causal;
    }

    internal static TransformerEncoderLayer FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        _attention = Attention("attention", Causal, RotaryBase, seed, inputs);
        _attentionNorm = Norm("attention_norm", inputs[0], seed);
        CreateFeedForward(inputs[0], seed);
    }
}
