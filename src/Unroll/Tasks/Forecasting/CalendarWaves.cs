using Unroll.Data;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Tasks;

/// <summary>
/// Sine and cosine waves of the year, the week and the day, known for every row that has a time. A wave is offered
/// where rows are at most a third of it apart, whole seconds apart or calendar months, and the training rows span it twice.
/// </summary>
internal static class CalendarWaves
{
    private static readonly (string Name, double Days, int Harmonics, Func<DateTime, double> Phase)[] s_waves =
    [
        ("year", 365.25, 2, time => (time.DayOfYear - 1 + time.TimeOfDay.TotalDays) / (DateTime.IsLeapYear(time.Year) ? 366 : 365)),
        ("week", 7, 3, time => ((int)time.DayOfWeek + time.TimeOfDay.TotalDays) / 7),
        ("day", 1, 2, time => time.TimeOfDay.TotalDays),
    ];

    /// <summary>The waves that training rows of a step can show; none where a series has no times.</summary>
    public static string[] Offered(IReadOnlyList<TimeSeries> series, IReadOnlyList<int> trainingRows)
    {
        var names = new List<string>();
        foreach ((string name, double days, _, _) in s_waves)
        {
            bool offered = true;
            for (int s = 0; s < series.Count && offered; s++)
            {
                offered = series[s].Timestamps is { } times && series[s].Step is { } step
                    && (step.Months > 0 ? step.Months * 30.4 : step.Span.TotalDays) is var rowDays
                    && rowDays * 3 <= days && (times[trainingRows[s] - 1] - times[0]).TotalDays >= 2 * days;
            }
            if (offered) names.Add(name);
        }
        return [.. names];
    }

    /// <summary>How many columns waves have.</summary>
    public static int Columns(IReadOnlyList<string> names)
    {
        int columns = 0;
        foreach ((string name, _, int harmonics, _) in s_waves)
            if (names.Contains(name)) columns += 2 * harmonics;
        return columns;
    }

    /// <summary>The columns of a series' rows and of <paramref name="futureRows"/> behind them, each in [−1, 1].</summary>
    public static List<float[]> Of(TimeSeries series, IReadOnlyList<string> names, int futureRows)
    {
        var columns = new List<float[]>();
        if (names.Count == 0) return columns;
        if (series.Timestamps is null || series.Step is null)
            throw new ArgumentException($"Series '{series.Name}': the forecaster was trained with calendar waves, so it needs a time for each of at least two rows, found none.", nameof(series));
        DateTime[] times = [.. series.Timestamps, .. DateFeatures.Future(series, futureRows)];
        foreach ((string name, _, int harmonics, Func<DateTime, double> phase) in s_waves)
        {
            if (!names.Contains(name)) continue;
            for (int harmonic = 1; harmonic <= harmonics; harmonic++)
            {
                float[] sine = new float[times.Length], cosine = new float[times.Length];
                for (int i = 0; i < times.Length; i++)
                {
                    float angle = (float)(phase(times[i]) * harmonic * 2 * Math.PI);
                    sine[i] = SinFunction.Of<SimdScalar, float>(angle);
                    cosine[i] = CosFunction.Of<SimdScalar, float>(angle);
                }
                columns.Add(sine);
                columns.Add(cosine);
            }
        }
        return columns;
    }
}
