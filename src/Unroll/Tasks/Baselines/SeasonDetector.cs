using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// Picks a seasonal period from the autocorrelation of the training part after a straight line is taken away. A period
/// m counts where rows a season apart are alike and rows half a season and one and a half apart are not: r(m) is above
/// r(m/2) and r(3m/2) by 0.15 and by three standard errors √(2/(n−m)), and itself above 1.645/√(n−m). A wandering
/// series without a season, whose autocorrelation falls slowly, fails the first. Three seasons are needed to tell.
/// </summary>
public static class SeasonDetector
{
    // A longer period must be this much more alike to be taken before a shorter one: a multiple of a season is as good.
    private const double Margin = 0.05;
    private const int LongestScanned = 400;

    /// <summary>The periods that a time step suggests, shortest first; none for an unusual step.</summary>
    public static IReadOnlyList<int> Candidates(TimeStep step)
    {
        if (step.Months > 0) return step.Months < 12 && 12 % step.Months == 0 ? [12 / step.Months] : [];
        if (step.Span.Ticks == 7 * TimeSpan.TicksPerDay) return [52];
        if (step.Span.Ticks == TimeSpan.TicksPerDay) return [7, 365];
        if (step.Span.Ticks == 0 || step.Span.Ticks >= TimeSpan.TicksPerDay || TimeSpan.TicksPerDay % step.Span.Ticks != 0) return [];
        int day = (int)Math.Min(TimeSpan.TicksPerDay / step.Span.Ticks, int.MaxValue / 7);
        if (step.Span.Ticks >= TimeSpan.TicksPerHour) return [day, 7 * day];
        // Below an hour, an hour may be a season too.
        return TimeSpan.TicksPerHour % step.Span.Ticks == 0
            ? [(int)Math.Min(TimeSpan.TicksPerHour / step.Span.Ticks, int.MaxValue), day, 7 * day]
            : [day, 7 * day];
    }

    /// <summary>The seasonal period in rows; 1 where there is none.</summary>
    /// <param name="training">The training part of the target, and nothing else.</param>
    /// <param name="step">The time step, whose usual periods are tried; null, or an unusual one, scans 2 to 400.</param>
    public static int Detect(ReadOnlySpan<float> training, TimeStep? step = null)
    {
        IReadOnlyList<int> candidates = step is null ? [] : Candidates(step.Value);
        return candidates.Count > 0 ? DetectAmong(training, candidates) : Scan(training);
    }

    /// <summary>The best of the given periods; 1 where none holds. A period needs three seasons of training rows.</summary>
    /// <param name="training">The training part of the target, and nothing else.</param>
    /// <param name="candidates">Periods in rows, shortest first.</param>
    public static int DetectAmong(ReadOnlySpan<float> training, IReadOnlyList<int> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        if (Detrend(training) is not { } residual) return 1;
        (int best, double bestCorrelation) = (1, double.NegativeInfinity);
        foreach (int period in candidates)
        {
            if (period < 2 || residual.Length / 3 < period) continue;
            double correlation = Autocorrelation(residual, period);
            if (correlation > bestCorrelation + Margin && Holds(residual, period, correlation, 3)) (best, bestCorrelation) = (period, correlation);
        }
        return best;
    }

    private static int Scan(ReadOnlySpan<float> training)
    {
        if (Detrend(training) is not { } residual) return 1;
        int longest = Math.Min(LongestScanned, residual.Length / 3);
        var correlations = new double[longest + 2];
        for (int lag = 1; lag < correlations.Length; lag++) correlations[lag] = Autocorrelation(residual, lag);
        (int best, double bestCorrelation) = (1, double.NegativeInfinity);
        for (int period = 2; period <= longest; period++)
        {
            bool peak = correlations[period] > correlations[period - 1] && correlations[period] >= correlations[period + 1];
            // Hundreds are tried, so chance must be rarer than among a few: 4.5 standard errors.
            if (peak && correlations[period] > bestCorrelation + Margin && Holds(residual, period, correlations[period], 4.5))
                (best, bestCorrelation) = (period, correlations[period]);
        }
        return best;
    }

    private static bool Holds(double[] residual, int period, double correlation, double standardErrors)
        => correlation > 1.645 / Math.Sqrt(residual.Length - period)
            && correlation - Math.Max(Autocorrelation(residual, period / 2), Autocorrelation(residual, period + period / 2)) > Math.Max(0.15, standardErrors * Math.Sqrt(2.0 / (residual.Length - period)));

    /// <summary>
    /// The mean product of rows a lag apart over the mean square, each mean over the products there are: the usual
    /// divisor n would make a long season in a short series look weak.
    /// </summary>
    private static double Autocorrelation(double[] residual, int lag)
    {
        double products = 0, squares = 0;
        for (int i = lag; i < residual.Length; i++) products += residual[i] * residual[i - lag];
        foreach (double value in residual) squares += value * value;
        return products / (residual.Length - lag) / (squares / residual.Length);
    }

    /// <summary>The values less their least-squares line; null where nothing is left.</summary>
    private static double[]? Detrend(ReadOnlySpan<float> values)
    {
        int n = values.Length;
        if (n < 4) return null;
        double middle = (n - 1) / 2.0, mean = 0, slope = 0, spread = 0, squares = 0;
        foreach (float value in values) mean += value;
        mean /= n;
        for (int i = 0; i < n; i++)
        {
            slope += (i - middle) * (values[i] - mean);
            spread += (i - middle) * (i - middle);
        }
        slope /= spread;
        var residual = new double[n];
        double largest = Math.Abs(mean);
        for (int i = 0; i < n; i++)
        {
            residual[i] = values[i] - mean - slope * (i - middle);
            squares += residual[i] * residual[i];
            largest = Math.Max(largest, Math.Abs(values[i]));
        }
        // What float rounding leaves of a constant or a straight line is no season.
        return Math.Sqrt(squares / n) > 1e-6 * largest ? residual : null;
    }
}
