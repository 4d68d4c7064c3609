using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>Something that forecasts one number for each of the next rows of a series.</summary>
public interface IPointForecaster
{
    /// <summary>The name that tables print.</summary>
    string Name { get; }

    /// <summary>
    /// Forecasts rows [origin, origin + forecast.Length). Reads rows before the origin, and behind it only columns
    /// known in future.
    /// </summary>
    /// <param name="series">The series; may hold rows at and behind the origin.</param>
    /// <param name="origin">The first row to forecast, from 1 to the series' count.</param>
    /// <param name="forecast">Receives the forecasts, in the series' unit.</param>
    /// <exception cref="ArgumentException">Too few rows before the origin.</exception>
    void Forecast(TimeSeries series, int origin, Span<float> forecast);
}
