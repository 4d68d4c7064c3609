using Unroll.Data;
using Unroll.Metrics;

namespace Unroll.Tasks;

/// <summary>
/// The errors of several forecasters on the same points: every target of a set of windows. The in-sample rows of MASE
/// are those before each part's first target row.
/// </summary>
public sealed class BacktestTable
{
    private readonly List<BacktestRow> _rows = [];
    private readonly double[] _naiveErrors; // of each window's series
    private readonly float[] _actual;

    /// <summary>A table on these points, without rows yet.</summary>
    /// <param name="points">The windows whose targets are forecast, in the unit that errors are wanted in.</param>
    /// <param name="season">The seasonal period of MASE, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A season below 1.</exception>
    public BacktestTable(WindowSet points, int season)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        (Points, Season) = (points, season);
        int horizon = points.Options.Horizon;
        _actual = new float[checked(points.Count * horizon)];
        _naiveErrors = new double[points.Count];
        var errors = new double[points.Parts.Count];
        for (int p = 0; p < errors.Length; p++)
            errors[p] = ForecastErrors.NaiveError(points.Parts[p].Series.Values[..Insample(points.Parts[p])], season);
        for (int window = 0; window < points.Count; window++)
        {
            (TimeSeries series, int origin) = points.Locate(window);
            series.Values.Slice(origin, horizon).CopyTo(_actual.AsSpan(window * horizon));
            _naiveErrors[window] = errors[points.PartOf(window)];
        }
    }

    /// <summary>The windows whose targets are forecast.</summary>
    public WindowSet Points { get; }

    /// <summary>The seasonal period of MASE.</summary>
    public int Season { get; }

    /// <summary>The rows so far, in the order they were added.</summary>
    public IReadOnlyList<BacktestRow> Rows => _rows;

    /// <summary>Forecasts every point and adds the row.</summary>
    /// <exception cref="ArgumentException">The forecaster cannot forecast these windows.</exception>
    public BacktestRow Add(IPointForecaster forecaster)
    {
        ArgumentNullException.ThrowIfNull(forecaster);
        int horizon = Points.Options.Horizon;
        var forecast = new float[_actual.Length];
        for (int window = 0; window < Points.Count; window++)
        {
            (TimeSeries series, int origin) = Points.Locate(window);
            forecaster.Forecast(series, origin, forecast.AsSpan(window * horizon, horizon));
        }
        return Add(forecaster.Name, forecast);
    }

    /// <summary>Adds the row of forecasts made elsewhere.</summary>
    /// <param name="name">The forecaster's name.</param>
    /// <param name="forecasts">[windows, H], in the order of the windows and their unit.</param>
    /// <exception cref="ArgumentException">Another number of forecasts than points.</exception>
    public BacktestRow Add(string name, ReadOnlySpan<float> forecasts)
    {
        if (forecasts.Length != _actual.Length)
            throw new ArgumentException($"Back-test: expected [{Points.Count}, {Points.Options.Horizon}] forecasts, received {forecasts.Length}.", nameof(forecasts));
        int horizon = Points.Options.Horizon;
        double scaled = 0;
        for (int window = 0; window < Points.Count; window++)
        {
            double error = ForecastErrors.MeanAbsolute(_actual.AsSpan(window * horizon, horizon), forecasts.Slice(window * horizon, horizon));
            scaled += _naiveErrors[window] > 0 ? error / _naiveErrors[window] : double.NaN;
        }
        var row = new BacktestRow(name, ForecastErrors.RootMeanSquared(_actual, forecasts), ForecastErrors.MeanAbsolute(_actual, forecasts),
            ForecastErrors.Smape(_actual, forecasts), scaled / Points.Count);
        _rows.Add(row);
        return row;
    }

    // Parts that start at the series' beginning forecast from the first whole input on.
    private int Insample(WindowPart part) => Math.Min(part.Series.Count, Math.Max(part.TargetStart, Points.Options.InputLength));
}
