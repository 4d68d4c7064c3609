using System.Globalization;

namespace Unroll.Tasks;

/// <summary>How <see cref="BertPretraining"/> trains.</summary>
public sealed record BertPretrainingOptions
{
    /// <summary>Whether the second sentence of each pair is to be recognised as the next one or one of another document. Default true.</summary>
    public bool NextSentence { get; init; } = true;

    /// <summary>The share of tokens to guess, in (0, 1). Default 0.15.</summary>
    public double MaskedShare { get; init; } = 0.15;

    /// <summary>AdamW's highest learning rate, above 0: reached by a linear rise over a tenth of the steps, then falling linearly to zero. Default 1e-4.</summary>
    public float LearningRate { get; init; } = 1e-4f;

    /// <summary>AdamW's weight decay, at least 0. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>How many times the sentences are gone through, masked anew each time. At least 1; default 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Examples a step. At least 1; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The seed of initial weights, masks, pairs, order and dropout. Default 0.</summary>
    public ulong Seed { get; init; }

    internal void Check()
    {
        Require(MaskedShare is > 0 and < 1, nameof(MaskedShare), MaskedShare, "a share in (0, 1)");
        Require(LearningRate > 0 && float.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a finite number above 0");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "a finite number of at least 0");
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
    }

    private static void Require(bool holds, string name, double value, string expected)
    {
        if (!holds) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"BertPretrainingOptions.{name}: expected {expected}, received {value}."), name);
    }
}
