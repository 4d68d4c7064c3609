using System.Globalization;

namespace Unroll.Tasks;

/// <summary>A forecast of the rows behind a series' end.</summary>
public sealed class Forecast
{
    private readonly float[] _mean;
    private readonly float[][] _quantiles;

    internal Forecast(string seriesName, float[] mean, IReadOnlyList<double> levels, float[][] quantiles, DateTime[]? timestamps)
    {
        SeriesName = seriesName;
        _mean = mean;
        Levels = levels;
        _quantiles = quantiles;
        Timestamps = timestamps;
    }

    /// <summary>The series' name.</summary>
    public string SeriesName { get; }

    /// <summary>H, how many rows are forecast.</summary>
    public int Horizon => _mean.Length;

    /// <summary>
    /// The expected values, one a row, in the series' unit. With the logarithm it is the value whose logarithm is
    /// expected, which lies a little below the mean.
    /// </summary>
    public IReadOnlyList<float> Mean => _mean;

    /// <summary>The quantiles there are, increasing.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>The forecast rows' times; null where the series has none.</summary>
    public IReadOnlyList<DateTime>? Timestamps { get; }

    /// <summary>One quantile of each row, in the series' unit; a higher one is never below a lower one.</summary>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <exception cref="ArgumentException">Another level; the message lists those there are.</exception>
    public IReadOnlyList<float> Quantile(double level)
    {
        for (int q = 0; q < Levels.Count; q++) if (Levels[q] == level) return _quantiles[q];
        throw new ArgumentException(
            $"Forecast: expected one of the quantiles {string.Join(", ", Levels.Select(known => known.ToString(CultureInfo.InvariantCulture)))}, received {level.ToString(CultureInfo.InvariantCulture)}.", nameof(level));
    }
}
