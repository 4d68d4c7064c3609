using System.Text.Json.Nodes;

namespace Unroll.Layers;

/// <summary>Every kind of layer that a saved model can name, with how to make it from its configuration.</summary>
internal static class LayerCatalogue
{
    /// <summary>Kind → maker. A test keeps this complete.</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject, Layer>> Makers => s_makers;

    private static readonly Dictionary<string, Func<JsonObject, Layer>> s_makers = new(StringComparer.Ordinal)
    {
        [ActivationLayer.KindName] = ActivationLayer.FromConfiguration,
        [AdaptiveSoftmax.KindName] = AdaptiveSoftmax.FromConfiguration,
        [Bidirectional.KindName] = Bidirectional.FromConfiguration,
        [ConditionalRandomField.KindName] = ConditionalRandomField.FromConfiguration,
        [CoupledLstm.KindName] = CoupledLstm.FromConfiguration,
        [Dense.KindName] = Dense.FromConfiguration,
        [Dropout.KindName] = Dropout.FromConfiguration,
        [Embedding.KindName] = Embedding.FromConfiguration,
        [Flatten.KindName] = _ => new Flatten(),
        [Gru.KindName] = Gru.FromConfiguration,
        [IndRnn.KindName] = IndRnn.FromConfiguration,
        [LayerNormalization.KindName] = LayerNormalization.FromConfiguration,
        [Lstm.KindName] = Lstm.FromConfiguration,
        [MixtureDensity.KindName] = MixtureDensity.FromConfiguration,
        [ParallelSum.KindName] = ParallelSum.FromConfiguration,
        [PeepholeLstm.KindName] = PeepholeLstm.FromConfiguration,
        [SampledSoftmax.KindName] = SampledSoftmax.FromConfiguration,
        [SimpleRnn.KindName] = SimpleRnn.FromConfiguration,
        [Stack.KindName] = Stack.FromConfiguration,
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
