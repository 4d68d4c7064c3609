using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// One layer of the Transformer's decoder (Vaswani et al. 2017, arXiv 1706.03762, section 3.1): causal self-attention, attention to the
/// encoder's output, then the feed-forward part. <c>Of(target, memory)</c>: [B, Tt, F] and [B, Tm, M] to [B, Tt, F].
/// </summary>
public sealed class TransformerDecoderLayer : TransformerLayer
{
    internal const string KindName = "transformer_decoder_layer";

    private MultiHeadAttention _attention = null!, _crossAttention = null!;
    private LayerNormalization _attentionNorm = null!, _crossAttentionNorm = null!;

    /// <summary>A decoder layer; F and M follow from the first inputs' shapes.</summary>
    /// <param name="heads">Heads of both attentions, at least 1; they divide F.</param>
    /// <param name="feedForwardSize">Units of the feed-forward part, at least 1.</param>
    /// <param name="name">Unique in its model; null for "transformer_decoder_layer" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A number below 1.</exception>
    public TransformerDecoderLayer(int heads, int feedForwardSize, string? name = null)
        : base(heads, feedForwardSize, name)
    {
    }

    internal TransformerDecoderLayer(TransformerDecoder around)
        : base(around)
    {
    }

    private TransformerDecoderLayer(in LayerSettings settings)
        : base(in settings)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs) => RequireTargetAndMemory(inputs);

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        EnsureBuilt(inputs, pass);
        Tensor x = inputs[0];
        x = After(x, _attention.Forward(Before(x, _attentionNorm, pass), pass), _attentionNorm, "attention_dropout", pass);
        Tensor listened = _crossAttention.Forward([Before(x, _crossAttentionNorm, pass), inputs[1]], pass);
        x = After(x, listened, _crossAttentionNorm, "cross_attention_dropout", pass);
        return FeedForward(x, pass);
    }

    internal static TransformerDecoderLayer FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        _attention = Attention("attention", causal: true, RotaryBase, seed, inputs[0]);
        _attentionNorm = Norm("attention_norm", inputs[0], seed);
        _crossAttention = Attention("cross_attention", causal: false, rotaryBase: null, seed, inputs);
        _crossAttentionNorm = Norm("cross_attention_norm", inputs[0], seed);
        CreateFeedForward(inputs[0], seed);
    }
}
