using System.Globalization;

namespace Unroll.Data;

/// <summary>
/// The step from one row of a series to the next: a fixed span of time, or a number of calendar months. A value.
/// </summary>
public readonly record struct TimeStep
{
    private readonly int _anchorDay;

    private TimeStep(TimeSpan span, int months, int anchorDay)
    {
        Span = span;
        Months = months;
        _anchorDay = anchorDay;
    }

    /// <summary>The fixed step; zero where the step is calendar months.</summary>
    public TimeSpan Span { get; }

    /// <summary>The calendar months in a step; 0 where the step is a fixed span.</summary>
    public int Months { get; }

    /// <summary>The step's name: "hour", "day", "week", "month", "quarter", "year", "15 minutes", "3 days" ….</summary>
    public string Name
    {
        get
        {
            if (Months == 3) return "quarter";
            if (Months > 0) return Months % 12 == 0 ? Count(Months / 12, "year") : Count(Months, "month");
            if (Span.Ticks == 0) return "none";
            if (Span.Ticks % (7 * TimeSpan.TicksPerDay) == 0) return Count(Span.Ticks / (7 * TimeSpan.TicksPerDay), "week");
            if (Span.Ticks % TimeSpan.TicksPerDay == 0) return Count(Span.Ticks / TimeSpan.TicksPerDay, "day");
            if (Span.Ticks % TimeSpan.TicksPerHour == 0) return Count(Span.Ticks / TimeSpan.TicksPerHour, "hour");
            if (Span.Ticks % TimeSpan.TicksPerMinute == 0) return Count(Span.Ticks / TimeSpan.TicksPerMinute, "minute");
            if (Span.Ticks % TimeSpan.TicksPerSecond == 0) return Count(Span.Ticks / TimeSpan.TicksPerSecond, "second");
            return Count(Span.Ticks, "tick");
        }
    }

    /// <summary>A step of a fixed span.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is not above zero.</exception>
    public static TimeStep Every(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(span, TimeSpan.Zero);
        return new TimeStep(span, 0, 0);
    }

    /// <summary>A step of whole calendar months.</summary>
    /// <param name="months">At least 1; 3 is a quarter, 12 a year.</param>
    /// <param name="anchorDay">
    /// The day of the month, 1 to 31, that the rows aim at; in a shorter month it is the month's last day, so 31
    /// means month ends.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    public static TimeStep EveryMonths(int months, int anchorDay = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(months, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(anchorDay, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(anchorDay, 31);
        return new TimeStep(TimeSpan.Zero, months, anchorDay);
    }

    /// <summary>
    /// The step that most neighbouring rows are apart, the shorter one in a tie; rows left out (leap days, holidays)
    /// do not change it. Rows on one day of the month, or on month ends, at one time of day step by the calendar.
    /// </summary>
    /// <param name="timestamps">Strictly increasing times.</param>
    /// <returns>The step, or null where there are fewer than two rows.</returns>
    /// <exception cref="ArgumentException">A time that is not after the one before; the message names the row.</exception>
    public static TimeStep? Infer(IReadOnlyList<DateTime> timestamps)
    {
        ArgumentNullException.ThrowIfNull(timestamps);
        for (int i = 1; i < timestamps.Count; i++)
        {
            if (timestamps[i] <= timestamps[i - 1])
            {
                throw new ArgumentException(
                    $"Row {i + 1}: expected a time after {Format(timestamps[i - 1])} of the row before, found "
                    + $"{Format(timestamps[i])}. Sort the rows by time and leave one row for each time.", nameof(timestamps));
            }
        }
        if (timestamps.Count < 2) return null;

        int anchorDay = 1;
        for (int i = 0; i < timestamps.Count; i++) anchorDay = Math.Max(anchorDay, timestamps[i].Day);
        bool calendar = true;
        for (int i = 0; i < timestamps.Count && calendar; i++)
        {
            DateTime time = timestamps[i];
            calendar = time.TimeOfDay == timestamps[0].TimeOfDay
                && time.Day == Math.Min(anchorDay, DateTime.DaysInMonth(time.Year, time.Month));
        }

        var counts = new Dictionary<long, int>();
        for (int i = 1; i < timestamps.Count; i++)
        {
            long difference = calendar
                ? MonthNumber(timestamps[i]) - MonthNumber(timestamps[i - 1])
                : timestamps[i].Ticks - timestamps[i - 1].Ticks;
            counts[difference] = counts.GetValueOrDefault(difference) + 1;
        }
        (long step, int times) = (0, 0);
        foreach ((long difference, int count) in counts)
            if (count > times || (count == times && difference < step)) (step, times) = (difference, count);
        return calendar ? EveryMonths((int)step, anchorDay) : Every(new TimeSpan(step));
    }

    /// <summary>The time <paramref name="steps"/> steps after <paramref name="time"/> (before it, where negative).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The result lies outside the calendar's years.</exception>
    public DateTime Add(DateTime time, int steps)
    {
        if (Months == 0) return time.AddTicks(checked(Span.Ticks * steps));
        DateTime month = time.AddDays(1 - time.Day).AddMonths(checked(Months * steps));
        return month.AddDays(Math.Min(_anchorDay, DateTime.DaysInMonth(month.Year, month.Month)) - 1);
    }

    /// <summary>The next <paramref name="count"/> times after <paramref name="last"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public DateTime[] Continue(DateTime last, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var times = new DateTime[count];
        for (int i = 0; i < count; i++) times[i] = Add(last, i + 1);
        return times;
    }

    /// <summary>The step's name.</summary>
    public override string ToString() => Name;

    private static long MonthNumber(DateTime time) => time.Year * 12L + time.Month;

    private static string Count(long count, string unit)
        => count == 1 ? unit : count.ToString(CultureInfo.InvariantCulture) + " " + unit + "s";

    private static string Format(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
