using System.Globalization;

namespace Unroll.Tasks;

/// <summary>
/// How a <see cref="Forecaster"/> is made. What is null is chosen on the validation part: the last rows of the series
/// given, from which nothing is learnt in the first training.
/// </summary>
public sealed record ForecastOptions
{
    /// <summary>H, how many rows are forecast. At least 1.</summary>
    public required int Horizon { get; init; }

    /// <summary>L, how many rows the network reads. At least 1; null chooses.</summary>
    public int? InputLength { get; init; }

    /// <summary>The rows of a season, at least 1 (1 for none); null detects it on the training part.</summary>
    public int? Season { get; init; }

    /// <summary>Whether the target's logarithm is forecast. Null chooses, where all training values are above 0.</summary>
    public bool? Logarithm { get; init; }

    /// <summary>What is taken from each window. Null chooses; the window's own deviation is tried for more than one series.</summary>
    public ForecastLevel? Level { get; init; }

    /// <summary>Whether waves of the year, the week and the day are inputs. Null chooses, where the series has times.</summary>
    public bool? Calendar { get; init; }

    /// <summary>The kind of the recurrent layers. Default LSTM.</summary>
    public ForecastCell Cell { get; init; } = ForecastCell.Lstm;

    /// <summary>The width of each recurrent layer. At least 1; default 32.</summary>
    public int Units { get; init; } = 32;

    /// <summary>How many recurrent layers lie on one another. At least 1, the default.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>The share of each recurrent layer's inputs dropped in training, in [0, 1). Default 0.</summary>
    public float Dropout { get; init; }

    /// <summary>Adam's learning rate, above 0. Default 0.001.</summary>
    public float LearningRate { get; init; } = 0.001f;

    /// <summary>The most epochs. At least 0; default 100. With 0 the forecaster is the ridge regression.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Windows a step. At least 1; null takes a 16th of the training windows, but at least 8 and at most 64.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Epochs without a better validation error after which training ends. At least 1; default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>The share of each series' rows, the last ones, that validates. In (0, 1); default 0.2; at least H rows.</summary>
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>
    /// Whether, when everything is chosen, regression and network are fitted once more on all rows, the validation part
    /// included, for the number of epochs that was best. Default true.
    /// </summary>
    public bool RefitOnAll { get; init; } = true;

    /// <summary>The quantiles forecast, each in (0, 1), increasing. Default 0.1, 0.5, 0.9; may be empty.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0.1, 0.5, 0.9];

    /// <summary>The seed of the initial weights, the windows' order and dropout. Default 0.</summary>
    public ulong Seed { get; init; }

    internal void Check()
    {
        Require(Horizon >= 1, nameof(Horizon), "at least 1", Horizon);
        Require(InputLength is null or >= 1, nameof(InputLength), "at least 1", InputLength);
        Require(Season is null or >= 1, nameof(Season), "at least 1", Season);
        Require(Enum.IsDefined(Cell), nameof(Cell), "a known cell", Cell);
        Require(Level is null || Enum.IsDefined(Level.Value), nameof(Level), "a known level", Level);
        Require(Units >= 1, nameof(Units), "at least 1", Units);
        Require(Layers >= 1, nameof(Layers), "at least 1", Layers);
        Require(Dropout is >= 0 and < 1, nameof(Dropout), "a share in [0, 1)", Dropout);
        Require(LearningRate > 0 && float.IsFinite(LearningRate), nameof(LearningRate), "a number above 0", LearningRate);
        Require(Epochs >= 0, nameof(Epochs), "at least 0", Epochs);
        Require(BatchSize is null or >= 1, nameof(BatchSize), "at least 1", BatchSize);
        Require(Patience >= 1, nameof(Patience), "at least 1", Patience);
        Require(ValidationFraction is > 0 and < 1, nameof(ValidationFraction), "a share in (0, 1)", ValidationFraction);
        Require(Quantiles is not null, nameof(Quantiles), "a list", null);
        for (int i = 0; i < Quantiles!.Count; i++)
            Require(Quantiles[i] is > 0 and < 1 && (i == 0 || Quantiles[i] > Quantiles[i - 1]), nameof(Quantiles), "increasing numbers in (0, 1)", Quantiles[i]);
    }

    private static void Require(bool holds, string name, string expected, object? received)
    {
        if (!holds)
            throw new ArgumentException($"ForecastOptions.{name}: expected {expected}, received {Convert.ToString(received, CultureInfo.InvariantCulture) ?? "null"}.");
    }
}
