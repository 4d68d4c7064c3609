using System.Globalization;
using Unroll.Basics;

namespace Unroll.Bench.Rewriting;

/// <summary>Two dates as people write them, with the time of day, 30 characters or more, as ISO 8601 has them, the later one first.</summary>
internal sealed class DateNormalisation : RewritingTask
{
    private static readonly string[] s_months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    public override string Name => "dates";

    public override string Title => "two dates of 30 or more characters made ISO 8601";

    public override (string Read, string Written) Draw(RandomStream draws)
    {
        DateTime one = Date(draws, 0), other = one.AddDays(1 + draws.Below(4000, 10)).AddMinutes(draws.Below(1440, 11));
        string read = $"from {Spoken(one, draws, 20)} until {Spoken(other, draws, 30)}";
        return (read, $"{Iso(other)} {Iso(one)}");
    }

    private static DateTime Date(RandomStream draws, long at) =>
        new DateTime(1950, 1, 1, 0, 0, 0, DateTimeKind.Unspecified).AddDays(draws.Below(30_000, at)).AddMinutes(draws.Below(1440, at + 1));

    private static string Iso(DateTime date) => date.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    private static string Spoken(DateTime date, RandomStream draws, long at)
    {
        string Of(string format) => date.ToString(format, CultureInfo.InvariantCulture);
        string month = s_months[date.Month - 1], day = date.Day.ToString(CultureInfo.InvariantCulture);
        string ending = date.Day is 11 or 12 or 13 ? "th" : (date.Day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        string written = draws.Below(5, at) switch
        {
            0 => $"the {day}{ending} of {month} {Of("yyyy")}",
            1 => $"{month} {day}, {Of("yyyy")}",
            2 => $"{day} {month[..3]} {Of("yyyy")}",
            3 => Of("dd/MM/yyyy"),
            _ => $"{month[..3]} {day}{ending} {Of("yyyy")}",
        };
        return $"{written} {(draws.Below(2, at + 1) == 0 ? Of("HH:mm") : Of("h:mmtt").ToLowerInvariant())}";
    }
}
