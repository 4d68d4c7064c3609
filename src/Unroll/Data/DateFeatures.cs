namespace Unroll.Data;

/// <summary>Calendar features of a series' times, each scaled to [−0.5, 0.5] and known in future.</summary>
public static class DateFeatures
{
    /// <summary>The name of the month's column: January −0.5, December 0.5.</summary>
    public const string Month = "date.month";

    /// <summary>The name of the weekday's column: Monday −0.5, Sunday 0.5.</summary>
    public const string Weekday = "date.weekday";

    /// <summary>The name of the hour's column: midnight −0.5, 23 o'clock 0.5.</summary>
    public const string Hour = "date.hour";

    /// <summary>
    /// The features that differ from row to row at a step: the month always, the weekday where the step is below a
    /// week or not whole weeks, the hour where it is not whole days.
    /// </summary>
    /// <param name="timestamps">One time a row.</param>
    /// <param name="step">The series' step.</param>
    public static IReadOnlyList<Covariate> From(IReadOnlyList<DateTime> timestamps, TimeStep step)
    {
        ArgumentNullException.ThrowIfNull(timestamps);
        var features = new List<Covariate> { Column(timestamps, Month, time => (time.Month - 1) / 11f - 0.5f) };
        if (step.Months > 0) return features;
        if (step.Span.Ticks % (7 * TimeSpan.TicksPerDay) != 0)
            features.Add(Column(timestamps, Weekday, time => (((int)time.DayOfWeek + 6) % 7) / 6f - 0.5f));
        if (step.Span.Ticks % TimeSpan.TicksPerDay != 0)
            features.Add(Column(timestamps, Hour, time => time.Hour / 23f - 0.5f));
        return features;
    }

    /// <summary>The series with the calendar features of its times behind its own columns.</summary>
    /// <param name="series">A series with times.</param>
    /// <param name="futureRows">How many rows behind the series' end the features go on; at least 0.</param>
    /// <exception cref="ArgumentException">The series has no times, or fewer than two rows.</exception>
    public static TimeSeries AddTo(TimeSeries series, int futureRows = 0)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Timestamps is null || series.Step is null)
            throw new ArgumentException($"Series '{series.Name}': calendar features need a time for each of at least two rows.", nameof(series));
        return series.WithCovariates(From([.. series.Timestamps, .. Future(series, futureRows)], series.Step.Value));
    }

    /// <summary>The times of the next rows, continued from the last one by the series' step.</summary>
    /// <param name="series">A series with times.</param>
    /// <param name="count">How many; at least 0.</param>
    /// <exception cref="ArgumentException">The series has no times, or fewer than two rows.</exception>
    public static DateTime[] Future(TimeSeries series, int count)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Timestamps is null || series.Step is null)
            throw new ArgumentException($"Series '{series.Name}': future times need a time for each of at least two rows.", nameof(series));
        return series.Step.Value.Continue(series.Timestamps[^1], count);
    }

    private static Covariate Column(IReadOnlyList<DateTime> timestamps, string name, Func<DateTime, float> feature)
    {
        var values = new float[timestamps.Count];
        for (int i = 0; i < values.Length; i++) values[i] = feature(timestamps[i]);
        return new Covariate(name, values, knownInFuture: true);
    }
}
