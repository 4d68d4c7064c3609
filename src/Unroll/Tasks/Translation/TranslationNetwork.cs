using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Tasks;

/// <summary>
/// An attentive encoder–decoder (Bahdanau et al. 2015, Luong et al. 2015): a bidirectional encoder, a decoder that begins with its last
/// states, general scores divided by the root of their width, and a head tied to the target's embedding (Press and Wolf 2017).
/// </summary>
internal static class TranslationNetwork
{
    /// <summary>From the source's tokens and the target's so far to logits of the next one.</summary>
    public static Model Make(int sourceVocabulary, int targetVocabulary, TranslationOptions options)
    {
        LayerOutput source = Input.Of(new Shape(Shape.Unknown, Shape.Unknown), "source"), target = Input.Of(new Shape(Shape.Unknown, Shape.Unknown), "target");
        LayerOutput memory = Dropped(Table(sourceVocabulary, "source_embedding").Of(source));
        IReadOnlyList<LayerOutput> state = [];
        for (int l = 0; l < options.EncoderLayers; l++)
        {
            (memory, state) = new Bidirectional(Cell(options.Units / 2)).WithState(memory);
            memory = Dropped(memory);
        }
        var decoder = new AttentiveDecoder(
            Table(targetVocabulary, null), [.. Enumerable.Range(0, options.DecoderLayers).Select(_ => Cell(options.Units))], new MultiplicativeAttention { Scaled = true }, name: "decoder")
        {
            Dropout = options.Dropout,
            InputFeeding = options.InputFeeding,
            TiedHead = true,
        };
        return new Model([source, target], [decoder.Of([target, memory, .. state])], options.Seed, "translator");

        // So wide that the tied head has a slope to begin with: near zero both of its factors are, and nothing is learnt for long.
        Embedding Table(int vocabulary, string? name) => new(vocabulary, options.EmbeddingUnits, initializer: new RandomNormal(0, 3f / MathF.Sqrt(options.EmbeddingUnits)), name: name);

        LayerOutput Dropped(LayerOutput x) => options.Dropout > 0 ? new Dropout(options.Dropout).Of(x) : x;

        SequenceLayer Cell(int units) => options.Cell == TranslationCell.Lstm ? new Lstm(units, returnSequences: true) : new Gru(units, returnSequences: true);
    }
}
