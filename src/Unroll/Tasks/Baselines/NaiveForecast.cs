using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>Every next row is the last one (persistence).</summary>
public sealed class NaiveForecast : IPointForecaster
{
    /// <inheritdoc/>
    public string Name => "naive";

    /// <inheritdoc/>
    public void Forecast(TimeSeries series, int origin, Span<float> forecast)
    {
        ArgumentNullException.ThrowIfNull(series);
        RequireHistory(series, origin, 1);
        forecast.Fill(series.Values[origin - 1]);
    }

    internal static void RequireHistory(TimeSeries series, int origin, int rows)
    {
        if (origin < rows || origin > series.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(origin),
                $"Series '{series.Name}': expected a forecast's first row from {rows} to {series.Count}, received {origin}; the forecast reads {rows} rows before it.");
        }
    }
}
