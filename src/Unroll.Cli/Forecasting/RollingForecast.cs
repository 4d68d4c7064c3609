using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Forecasting;

/// <summary>
/// Forecasts of a known part of a series, laid end to end: each from its own origin, with nothing known behind it. The
/// last ends with the series; a value that no forecast reaches is NaN.
/// </summary>
internal sealed class RollingForecast
{
    private const int MostForecasts = 100;

    private RollingForecast(TimeSeries series, int start)
    {
        (Series, Start) = (series, start);
        (Mean, Lower, Upper) = (Empty(series), Empty(series), Empty(series));
    }

    /// <summary>The series forecast.</summary>
    public TimeSeries Series { get; }

    /// <summary>The first row with a forecast.</summary>
    public int Start { get; }

    /// <summary>The means, one a row.</summary>
    public float[] Mean { get; }

    /// <summary>The lowest quantile, one a row.</summary>
    public float[] Lower { get; }

    /// <summary>The highest quantile, one a row.</summary>
    public float[] Upper { get; }

    /// <summary>Forecasts the rows from <paramref name="from"/> on; null where there are fewer than a horizon.</summary>
    public static RollingForecast? Of(Forecaster forecaster, TimeSeries series, int from)
    {
        int horizon = forecaster.Horizon;
        from = Math.Max(from, forecaster.InputLength);
        int count = Math.Min((series.Count - from) / horizon, MostForecasts);
        if (count < 1) return null;
        var rolling = new RollingForecast(series, series.Count - count * horizon);
        IReadOnlyList<Forecast> forecasts = forecaster.Predict([.. Enumerable.Range(0, count).Select(n => series.Slice(0, rolling.Start + n * horizon))]);
        for (int n = 0; n < count; n++)
        {
            Forecast forecast = forecasts[n];
            for (int h = 0; h < horizon; h++)
            {
                int row = rolling.Start + n * horizon + h;
                rolling.Mean[row] = forecast.Mean[h];
                if (forecast.Levels.Count < 2) continue;
                rolling.Lower[row] = forecast.Quantile(forecast.Levels[0])[h];
                rolling.Upper[row] = forecast.Quantile(forecast.Levels[^1])[h];
            }
        }
        return rolling;
    }

    private static float[] Empty(TimeSeries series)
    {
        var values = new float[series.Count];
        Array.Fill(values, float.NaN);
        return values;
    }
}
