using System.Globalization;

namespace Unroll.Tasks;

/// <summary>How a <see cref="Translator"/> is made and trained.</summary>
public sealed record TranslationOptions
{
    /// <summary>The kind of the recurrent layers. Default GRU.</summary>
    public TranslationCell Cell { get; init; } = TranslationCell.Gru;

    /// <summary>The width of the decoder; each direction of the encoder has half of it. Even, at least 2; default 512.</summary>
    public int Units { get; init; } = 512;

    /// <summary>The width of a token's embedding. At least 1; default 256.</summary>
    public int EmbeddingUnits { get; init; } = 256;

    /// <summary>How many recurrent layers the encoder has. At least 1, the default.</summary>
    public int EncoderLayers { get; init; } = 1;

    /// <summary>How many recurrent layers the decoder has. At least 1, the default.</summary>
    public int DecoderLayers { get; init; } = 1;

    /// <summary>Whether the decoder reads what it attended to (Luong et al. 2015). Better now and then, and slower to train. Default false.</summary>
    public bool InputFeeding { get; init; }

    /// <summary>The most byte pairs joined to tokens, in each language. At least 0; default 5,000.</summary>
    public int Merges { get; init; } = 5000;

    /// <summary>Whether all text is lowered, character by character, in training and translation. Default false.</summary>
    public bool LowerCase { get; init; }

    /// <summary>The most tokens of a sentence. Longer pairs are left out of the training, longer sentences are not translated. At least 2; default 100.</summary>
    public int MaximumLength { get; init; } = 100;

    /// <summary>The share dropped of embeddings, of what goes from layer to layer and of what is written from, in [0, 1). Default 0.4.</summary>
    public float Dropout { get; init; } = 0.4f;

    /// <summary>The share of each target that is spread over all tokens, in [0, 1). Default 0.1.</summary>
    public float LabelSmoothing { get; init; } = 0.1f;

    /// <summary>Adam's learning rate, above 0; constant for half the training, then falling to zero as a cosine does. Default 0.001.</summary>
    public float LearningRate { get; init; } = 0.001f;

    /// <summary>How many times the pairs are gone through. At least 1; default 12.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>Pairs a step. At least 1; default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Epochs without a better validation loss after which training ends. At least 1; default 5.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>The seed of initial weights, order and dropout. Default 0.</summary>
    public ulong Seed { get; init; }

    internal void Check()
    {
        Require(Units >= 2 && Units % 2 == 0, nameof(Units), Units, "an even number of at least 2");
        Require(EmbeddingUnits >= 1, nameof(EmbeddingUnits), EmbeddingUnits, "at least 1");
        Require(EncoderLayers >= 1, nameof(EncoderLayers), EncoderLayers, "at least 1");
        Require(DecoderLayers >= 1, nameof(DecoderLayers), DecoderLayers, "at least 1");
        Require(Merges >= 0, nameof(Merges), Merges, "at least 0");
        Require(MaximumLength >= 2, nameof(MaximumLength), MaximumLength, "at least 2");
        Require(Dropout is >= 0 and < 1, nameof(Dropout), Dropout, "a share in [0, 1)");
        Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "a share in [0, 1)");
        Require(LearningRate > 0 && float.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a finite number above 0");
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(Patience >= 1, nameof(Patience), Patience, "at least 1");
    }

    private static void Require(bool holds, string name, double value, string expected)
    {
        if (!holds) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"TranslationOptions.{name}: expected {expected}, received {value}."), name);
    }
}
