using System.Text.Json.Nodes;

namespace Unroll.Layers;

/// <summary>Every kind of layer that a saved model can name, with how to make it from its configuration.</summary>
internal static class LayerCatalogue
{
    /// <summary>The kind of a model that is a layer.</summary>
    public const string ModelKind = "model";

    /// <summary>Makes a model as a layer; set by Models, which is above layers.</summary>
    public static Func<JsonObject, Layer>? MakeModel { get; set; }

    /// <summary>Kind → maker. A test keeps this complete.</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject, Layer>> Makers => s_makers;

    private static readonly Dictionary<string, Func<JsonObject, Layer>> s_makers = new(StringComparer.Ordinal)
    {
        [ActivationLayer.KindName] = ActivationLayer.FromConfiguration,
        [ActivityRegularization.KindName] = ActivityRegularization.FromConfiguration,
        [Add.KindName] = _ => new Add(),
        [AdditiveAttention.KindName] = AdditiveAttention.FromConfiguration,
        [AdaptiveSoftmax.KindName] = AdaptiveSoftmax.FromConfiguration,
        [AttentiveDecoder.KindName] = AttentiveDecoder.FromConfiguration,
        [Average.KindName] = _ => new Average(),
        [Bidirectional.KindName] = Bidirectional.FromConfiguration,
        [Concatenate.KindName] = _ => new Concatenate(),
        [ConditionalRandomField.KindName] = ConditionalRandomField.FromConfiguration,
        [CoupledLstm.KindName] = CoupledLstm.FromConfiguration,
        [Dense.KindName] = Dense.FromConfiguration,
        [Dropout.KindName] = Dropout.FromConfiguration,
        [Embedding.KindName] = Embedding.FromConfiguration,
        [FirstStep.KindName] = _ => new FirstStep(),
        [Flatten.KindName] = _ => new Flatten(),
        [Gru.KindName] = Gru.FromConfiguration,
        [Highway.KindName] = Highway.FromConfiguration,
        [IndRnn.KindName] = IndRnn.FromConfiguration,
        [LayerNormalization.KindName] = LayerNormalization.FromConfiguration,
        [LocalAttention.KindName] = LocalAttention.FromConfiguration,
        [LocationAwareAttention.KindName] = LocationAwareAttention.FromConfiguration,
        [Lstm.KindName] = Lstm.FromConfiguration,
        [Masking.KindName] = Masking.FromConfiguration,
        [MinGru.KindName] = MinGru.FromConfiguration,
        [MinLstm.KindName] = MinLstm.FromConfiguration,
        [MixtureDensity.KindName] = MixtureDensity.FromConfiguration,
        [ModelKind] = configuration => (MakeModel ?? throw new InvalidDataException("A model as a layer is read with the model around it."))(configuration),
        [MultiplicativeAttention.KindName] = MultiplicativeAttention.FromConfiguration,
        [MultiHeadAttention.KindName] = MultiHeadAttention.FromConfiguration,
        [Multiply.KindName] = _ => new Multiply(),
        [ParallelSum.KindName] = ParallelSum.FromConfiguration,
        [PeepholeLstm.KindName] = PeepholeLstm.FromConfiguration,
        [PositionalEncoding.KindName] = _ => new PositionalEncoding(),
        [PositionEmbedding.KindName] = PositionEmbedding.FromConfiguration,
        [RepeatVector.KindName] = RepeatVector.FromConfiguration,
        [Residual.KindName] = Residual.FromConfiguration,
        [Rnn.KindName] = Rnn.FromConfiguration,
        [SampledSoftmax.KindName] = SampledSoftmax.FromConfiguration,
        [SegmentEmbedding.KindName] = SegmentEmbedding.FromConfiguration,
        [SelectSteps.KindName] = _ => new SelectSteps(),
        [SelfAttentionPooling.KindName] = SelfAttentionPooling.FromConfiguration,
        [SimpleRnn.KindName] = SimpleRnn.FromConfiguration,
        [SpatialDropout.KindName] = SpatialDropout.FromConfiguration,
        [Stack.KindName] = Stack.FromConfiguration,
        [StepScores.KindName] = StepScores.FromConfiguration,
        [TemporalActivityRegularization.KindName] = TemporalActivityRegularization.FromConfiguration,
        [TiedDense.KindName] = TiedDense.FromConfiguration,
        [TimeDistributed.KindName] = TimeDistributed.FromConfiguration,
        [TransformerDecoder.KindName] = TransformerDecoder.FromConfiguration,
        [TransformerDecoderLayer.KindName] = TransformerDecoderLayer.FromConfiguration,
        [TransformerEncoder.KindName] = TransformerEncoder.FromConfiguration,
        [TransformerEncoderLayer.KindName] = TransformerEncoderLayer.FromConfiguration,
        [Unmasking.KindName] = _ => new Unmasking(),
    };

    /// <summary>Makes the layer that a configuration describes.</summary>
    /// <exception cref="InvalidDataException">An unknown kind, or settings that its maker refuses.</exception>
    public static Layer Make(string kind, JsonObject configuration)
    {
        if (!s_makers.TryGetValue(kind, out Func<JsonObject, Layer>? maker))
            throw new InvalidDataException($"Layer kind '{kind}' is not known; expected one of: {string.Join(", ", s_makers.Keys)}. Was the file written by a newer version?");
        try
        {
            return maker(configuration);
        }
        catch (ArgumentException refused)
        {
            throw new InvalidDataException($"Layer kind '{kind}': {refused.Message}", refused);
        }
    }
}
