using System.Globalization;

namespace Unroll.Reports;

/// <summary>Ticks at round dates. A date on an axis is a number of days since 0001-01-01.</summary>
internal static class DateTicks
{
    // Steps in the order tried, finest first. Up to 14 days a step is a fixed length; beyond, it is in months.
    private static readonly double[] DaySteps =
        [.. new double[] { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200 }.Select(s => s / 86400), 1, 2, 7, 14];

    private static readonly int[] MonthSteps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000];

    /// <summary>The axis position of a date, in days.</summary>
    public static double Position(DateTime date) => (double)date.Ticks / TimeSpan.TicksPerDay;

    /// <summary>The date at an axis position, to the nearest second, held inside what a date can be.</summary>
    public static DateTime Date(double position)
    {
        double seconds = Math.Clamp(Math.Round(position * 86400), 0, (double)(DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond));
        return new DateTime((long)seconds * TimeSpan.TicksPerSecond);
    }

    /// <summary>Ticks in [minimum, maximum], both in days: the finest round step with about <paramref name="most"/> ticks at most, half as many more when they are years.</summary>
    public static AxisTicks Between(double minimum, double maximum, int most)
    {
        foreach (double step in DaySteps)
        {
            if ((maximum - minimum) / step >= most) continue;
            string format = step >= 1 ? "yyyy-MM-dd" : maximum - minimum > 1 ? "MM-dd HH:mm" : step * 86400 < 60 ? "HH:mm:ss" : "HH:mm";
            return Labelled(EveryDays(minimum, maximum, step), format);
        }
        foreach (int months in MonthSteps)
        {
            int room = months < 12 ? most : most * 3 / 2; // labels of four digits may stand closer
            if ((maximum - minimum) / (months * 30.4369) >= room) continue;
            return Labelled(EveryMonths(minimum, maximum, months), months < 12 ? "yyyy-MM" : "yyyy");
        }
        return Labelled(EveryMonths(minimum, maximum, MonthSteps[^1]), "yyyy");
    }

    private static List<double> EveryDays(double minimum, double maximum, double step)
    {
        var positions = new List<double>();
        double first = Math.Ceiling(minimum / step - 1e-6);
        for (double i = first; i * step <= maximum + 1e-6 * step; i++) positions.Add(i * step);
        return positions;
    }

    private static List<double> EveryMonths(double minimum, double maximum, int step)
    {
        var positions = new List<double>();
        DateTime start = Date(minimum);
        // Months are counted from year 0, so that steps of ten years fall on 1950, not on 1951.
        int month = start.Year * 12 + start.Month - 1;
        for (month -= month % step; month < 120_000; month += step)
        {
            if (month < 12) continue; // year 0 is no date
            double position = Position(new DateTime(month / 12, month % 12 + 1, 1));
            if (position > maximum) break;
            if (position >= minimum) positions.Add(position);
        }
        return positions;
    }

    private static AxisTicks Labelled(List<double> positions, string format) =>
        new([.. positions], [.. positions.Select(p => Date(p).ToString(format, CultureInfo.InvariantCulture))]);
}
