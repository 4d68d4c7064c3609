using System.Globalization;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// Every next row is the one a season before; rows beyond one season repeat the last season. Where the series is
/// shorter than a season, the last row.
/// </summary>
public sealed class SeasonalNaiveForecast : IPointForecaster
{
    /// <summary>A forecast of this seasonal period.</summary>
    /// <param name="season">The rows of a season, at least 1; with 1 it is <see cref="NaiveForecast"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A season below 1.</exception>
    public SeasonalNaiveForecast(int season)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        Season = season;
    }

    /// <summary>The rows of a season.</summary>
    public int Season { get; }

    /// <inheritdoc/>
    public string Name => "seasonal naive (" + Season.ToString(CultureInfo.InvariantCulture) + ")";

    /// <inheritdoc/>
    public void Forecast(TimeSeries series, int origin, Span<float> forecast)
    {
        ArgumentNullException.ThrowIfNull(series);
        NaiveForecast.RequireHistory(series, origin, 1);
        int season = origin < Season ? 1 : Season;
        for (int h = 0; h < forecast.Length; h++) forecast[h] = series.Values[origin - season + h % season];
    }
}
