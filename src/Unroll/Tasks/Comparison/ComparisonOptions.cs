using System.Globalization;

namespace Unroll.Tasks;

/// <summary>How a <see cref="ModelComparison"/> trains each network: all alike.</summary>
public sealed record ComparisonOptions
{
    /// <summary>The units of the LSTM whose number of parameters the others come as near to as they can. At least 1; default 64.</summary>
    public int Units { get; init; } = 64;

    /// <summary>Adam's learning rates, each above 0, of which validation chooses one for each network with the first seed. Default 0.001 and 0.003.</summary>
    public IReadOnlyList<float> LearningRates { get; init; } = [0.001f, 0.003f];

    /// <summary>The most epochs. At least 1; default 30.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Epochs without a better validation loss after which a training ends. At least 1; default 4.</summary>
    public int Patience { get; init; } = 4;

    /// <summary>Examples a step. At least 1; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The first seed of initial weights, order and dropout. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many seeds each network is trained with. At least 1, the default.</summary>
    public int Seeds { get; init; } = 1;

    internal void Check()
    {
        Require(Units >= 1, nameof(Units), "at least 1", Units);
        Require(LearningRates is { Count: > 0 }, nameof(LearningRates), "at least one", LearningRates?.Count ?? 0);
        foreach (float rate in LearningRates!) Require(rate > 0 && float.IsFinite(rate), nameof(LearningRates), "finite numbers above 0", rate);
        Require(Epochs >= 1, nameof(Epochs), "at least 1", Epochs);
        Require(Patience >= 1, nameof(Patience), "at least 1", Patience);
        Require(BatchSize >= 1, nameof(BatchSize), "at least 1", BatchSize);
        Require(Seeds >= 1, nameof(Seeds), "at least 1", Seeds);
    }

    private static void Require(bool holds, string name, string expected, double received)
    {
        if (!holds) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"ComparisonOptions.{name}: expected {expected}, received {received}."));
    }
}
