using System.Globalization;
using Unroll.Ops;

namespace Unroll.Models;

/// <summary>The sizes of a <see cref="BertEncoder"/>. The defaults are those of BERT base, uncased (Devlin et al. 2019, arXiv 1810.04805).</summary>
public sealed record BertOptions
{
    /// <summary>V, how many tokens there are. At least 1; default 30,522.</summary>
    public int Vocabulary { get; init; } = 30522;

    /// <summary>H, the width of a token; <see cref="Heads"/> divide it. At least 1; default 768.</summary>
    public int HiddenUnits { get; init; } = 768;

    /// <summary>How many layers. At least 1; default 12.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>Heads of each attention. At least 1; default 12.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Units of each feed-forward part. At least 1; default 3,072.</summary>
    public int IntermediateUnits { get; init; } = 3072;

    /// <summary>How many places have a row: the longest sequence. At least 1; default 512.</summary>
    public int MaximumPositions { get; init; } = 512;

    /// <summary>How many segments a sequence may have. At least 1; default 2.</summary>
    public int Segments { get; init; } = 2;

    /// <summary>The share dropped in training of the embeddings, the attention weights and each part's output, in [0, 1). Default 0.1.</summary>
    public float Dropout { get; init; } = 0.1f;

    /// <summary>What follows the first linear map of each feed-forward part. Default gelu.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>ε of the layer normalisations, finite and above 0. Default 1e-12, as published.</summary>
    public float Epsilon { get; init; } = 1e-12f;

    /// <summary>Refuses numbers out of range.</summary>
    /// <exception cref="ArgumentException">The first that is; the message names it.</exception>
    internal void Check()
    {
        Require(Vocabulary >= 1, nameof(Vocabulary), Vocabulary, "at least 1");
        Require(HiddenUnits >= 1, nameof(HiddenUnits), HiddenUnits, "at least 1");
        Require(Layers >= 1, nameof(Layers), Layers, "at least 1");
        Require(Heads >= 1 && HiddenUnits % Heads == 0, nameof(Heads), Heads, $"a divisor of the {HiddenUnits} hidden units");
        Require(IntermediateUnits >= 1, nameof(IntermediateUnits), IntermediateUnits, "at least 1");
        Require(MaximumPositions >= 1, nameof(MaximumPositions), MaximumPositions, "at least 1");
        Require(Segments >= 1, nameof(Segments), Segments, "at least 1");
        Require(Dropout is >= 0 and < 1, nameof(Dropout), Dropout, "a share in [0, 1)");
        Require(Epsilon > 0 && float.IsFinite(Epsilon), nameof(Epsilon), Epsilon, "a finite number above 0");
        ArgumentNullException.ThrowIfNull(Activation);
    }

    private static void Require(bool holds, string name, double value, string expected)
    {
        if (!holds) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"BertOptions.{name}: expected {expected}, received {value}."), name);
    }
}
