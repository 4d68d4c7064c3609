using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The series trained on, cut in time: rows [0, TrainingEnd) to learn from, the rest to validate.</summary>
internal sealed class ForecastRows
{
    /// <summary>Cuts each series and refuses what cannot be trained on.</summary>
    /// <exception cref="ArgumentException">No series, different columns, too few rows, or nothing but constants.</exception>
    public ForecastRows(IReadOnlyList<TimeSeries> series, ForecastOptions options)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Count == 0) throw new ArgumentException("Forecaster: expected at least one series to train on, received none.", nameof(series));
        Series = series;
        TrainingEnd = new int[series.Count];
        int needed = 0;
        bool anyLong = false, anyVaries = false;
        for (int s = 0; s < series.Count; s++)
        {
            TimeSeries one = series[s];
            RequireSameColumns(series[0], one);
            int validation = Math.Max(options.Horizon, (int)(options.ValidationFraction * one.Count + 1e-9));
            TrainingEnd[s] = one.Count - validation;
            // Two windows to learn from: with one there is nothing to compare.
            int least = options.Horizon + (options.InputLength ?? 1) + 1;
            anyLong |= TrainingEnd[s] >= least;
            if (s == 0) needed = LeastRows(least, options);
            anyVaries |= TrainingEnd[s] > 0 && one.Values[..TrainingEnd[s]].ContainsAnyExcept(one.Values[0]);
        }
        if (!anyLong)
        {
            throw new ArgumentException($"Series '{series[0].Name}': {series[0].Count} rows are too few; a horizon of {options.Horizon}"
                + (options.InputLength is { } length ? $" and an input length of {length}" : "") + $" need{(options.InputLength is null ? "s" : "")} at least {needed} rows, of which the last {options.ValidationFraction:P0} validate. "
                + "Give a longer series, or choose a shorter horizon or input length.", nameof(series));
        }
        if (!anyVaries)
        {
            throw new ArgumentException($"Series '{series[0].Name}': every training row is {series[0].Values[0].ToString(System.Globalization.CultureInfo.InvariantCulture)}; "
                + "there is nothing to learn from a constant series. Forecast it by its value.", nameof(series));
        }
    }

    public IReadOnlyList<TimeSeries> Series { get; }

    /// <summary>The first validating row of each series.</summary>
    public int[] TrainingEnd { get; }

    /// <summary>Windows whose targets lie in the training rows.</summary>
    public ForecastWindows Training(ForecastPlan plan, PreparedSeries[] prepared) => Windows(plan, prepared, s => (0, Math.Max(0, TrainingEnd[s])));

    /// <summary>Windows whose targets lie in the validation rows.</summary>
    public ForecastWindows Validation(ForecastPlan plan, PreparedSeries[] prepared) => Windows(plan, prepared, s => (Math.Max(0, TrainingEnd[s]), Series[s].Count));

    /// <summary>All windows.</summary>
    public ForecastWindows All(ForecastPlan plan, PreparedSeries[] prepared) => Windows(plan, prepared, s => (0, Series[s].Count));

    /// <summary>How many training windows an input length leaves.</summary>
    public long TrainingWindows(int inputLength, int horizon)
    {
        long windows = 0;
        foreach (int end in TrainingEnd) windows += Math.Max(0, end - inputLength - horizon + 1);
        return windows;
    }

    /// <summary>The training rows of one column over all series.</summary>
    public float[] TrainingColumn(Func<TimeSeries, ReadOnlyMemory<float>> column)
    {
        var values = new List<float>();
        for (int s = 0; s < Series.Count; s++) values.AddRange(column(Series[s]).Span[..Math.Max(0, TrainingEnd[s])]);
        return [.. values];
    }

    private ForecastWindows Windows(ForecastPlan plan, PreparedSeries[] prepared, Func<int, (int Start, int End)> range)
    {
        var windows = new ForecastWindows(plan, prepared);
        for (int s = 0; s < prepared.Length; s++)
        {
            (int start, int end) = range(s);
            windows.AddRange(s, start, end);
        }
        return windows;
    }

    private static int LeastRows(int training, ForecastOptions options)
    {
        int rows = training + options.Horizon;
        while (rows - Math.Max(options.Horizon, (int)(options.ValidationFraction * rows + 1e-9)) < training) rows++;
        return rows;
    }

    private static void RequireSameColumns(TimeSeries first, TimeSeries other)
    {
        bool same = first.Covariates.Count == other.Covariates.Count;
        for (int c = 0; same && c < first.Covariates.Count; c++)
            same = first.Covariates[c].Name == other.Covariates[c].Name && first.Covariates[c].KnownInFuture == other.Covariates[c].KnownInFuture;
        if (!same) throw new ArgumentException($"Forecaster: series '{other.Name}' has other columns than series '{first.Name}'; all series need the same columns in the same order.");
    }
}
