namespace Unroll.Metrics;

/// <summary>
/// Errors of forecasts on plain numbers. Sums are in double and in order; no point at all gives NaN, and so does a
/// NaN among the numbers.
/// </summary>
public static class ForecastErrors
{
    /// <summary>The mean of |actual − forecast|.</summary>
    /// <exception cref="ArgumentException">Spans of unequal length.</exception>
    public static double MeanAbsolute(ReadOnlySpan<float> actual, ReadOnlySpan<float> forecast)
    {
        RequireEqual(actual.Length, forecast.Length);
        double sum = 0;
        for (int i = 0; i < actual.Length; i++) sum += Math.Abs((double)actual[i] - forecast[i]);
        return sum / actual.Length;
    }

    /// <summary>The square root of the mean of (actual − forecast)².</summary>
    /// <exception cref="ArgumentException">Spans of unequal length.</exception>
    public static double RootMeanSquared(ReadOnlySpan<float> actual, ReadOnlySpan<float> forecast)
    {
        RequireEqual(actual.Length, forecast.Length);
        double sum = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = (double)actual[i] - forecast[i];
            sum += error * error;
        }
        return Math.Sqrt(sum / actual.Length);
    }

    /// <summary>
    /// The M4 competition's sMAPE in percent: the mean of 200 |y − f| / (|y| + |f|), in [0, 200]; a point where both
    /// are 0 counts as 0.
    /// </summary>
    /// <exception cref="ArgumentException">Spans of unequal length.</exception>
    public static double Smape(ReadOnlySpan<float> actual, ReadOnlySpan<float> forecast)
    {
        RequireEqual(actual.Length, forecast.Length);
        double sum = 0;
        for (int i = 0; i < actual.Length; i++) sum += SymmetricPercentage(actual[i], forecast[i]);
        return sum / actual.Length;
    }

    /// <summary>
    /// MASE (Hyndman and Koehler 2006): the mean absolute error divided by <see cref="NaiveError"/> of the in-sample
    /// values. NaN where that is 0 or undefined.
    /// </summary>
    /// <param name="actual">The values that came.</param>
    /// <param name="forecast">Their forecasts.</param>
    /// <param name="insample">The series before the forecast's origin.</param>
    /// <param name="season">The seasonal period m, at least 1; M4 has 24 for hourly series and 1 for weekly ones.</param>
    /// <exception cref="ArgumentException">Spans of unequal length, or a season below 1.</exception>
    public static double Mase(ReadOnlySpan<float> actual, ReadOnlySpan<float> forecast, ReadOnlySpan<float> insample, int season)
    {
        double naive = NaiveError(insample, season);
        return naive > 0 ? MeanAbsolute(actual, forecast) / naive : double.NaN;
    }

    /// <summary>The mean of |y(t) − y(t − season)|; NaN where there are not more values than a season has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A season below 1.</exception>
    public static double NaiveError(ReadOnlySpan<float> insample, int season)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        return insample.Length <= season ? double.NaN : MeanAbsolute(insample[season..], insample[..^season]);
    }

    /// <summary>The mean pinball loss of forecasts of one quantile: q (y − f) where y is above f, else (1 − q) (f − y).</summary>
    /// <param name="actual">The values that came.</param>
    /// <param name="forecast">Their forecast quantiles.</param>
    /// <param name="quantile">q, between 0 and 1.</param>
    /// <exception cref="ArgumentException">Spans of unequal length, or a quantile outside (0, 1).</exception>
    public static double Pinball(ReadOnlySpan<float> actual, ReadOnlySpan<float> forecast, double quantile)
    {
        RequireEqual(actual.Length, forecast.Length);
        if (!(quantile > 0 && quantile < 1))
            throw new ArgumentOutOfRangeException(nameof(quantile), $"Pinball loss: expected a quantile between 0 and 1, received {quantile}.");
        double sum = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = (double)actual[i] - forecast[i];
            sum += error > 0 ? quantile * error : (quantile - 1) * error;
        }
        return sum / actual.Length;
    }

    /// <summary>The share of values inside their interval, ends included. A NaN is outside.</summary>
    /// <exception cref="ArgumentException">Spans of unequal length.</exception>
    public static double Coverage(ReadOnlySpan<float> actual, ReadOnlySpan<float> lower, ReadOnlySpan<float> upper)
    {
        RequireEqual(actual.Length, lower.Length);
        RequireEqual(actual.Length, upper.Length);
        int inside = 0;
        for (int i = 0; i < actual.Length; i++)
            if (actual[i] >= lower[i] && actual[i] <= upper[i]) inside++;
        return inside / (double)actual.Length;
    }

    internal static double SymmetricPercentage(double actual, double forecast)
    {
        double size = Math.Abs(actual) + Math.Abs(forecast);
        return size == 0 ? 0 : 200 * Math.Abs(actual - forecast) / size;
    }

    private static void RequireEqual(int actual, int forecast)
    {
        if (actual != forecast) throw new ArgumentException($"Forecast errors: expected as many forecasts as values, received {actual} values and {forecast} forecasts.");
    }
}
