using System.Globalization;

namespace Unroll.Cli.Csv;

/// <summary>
/// Reads a column's cells as dates. Accepted are yyyy-MM, yyyy-MM-dd, both with a time after a blank or a T, the same with
/// slashes, with Z or an offset (turned into UTC), and dd.MM.yyyy.
/// </summary>
internal static class CsvDates
{
    /// <summary>The forms, as messages say them.</summary>
    public const string Accepted = "yyyy-MM-dd, yyyy-MM, yyyy-MM-dd HH:mm:ss or dd.MM.yyyy";

    private static readonly string[] Plain =
        [.. from day in new[] { "yyyy-MM-dd", "yyyy/MM/dd", "yyyy/M/d" }
            from time in new[] { "", "HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF" }
            from between in time.Length == 0 ? [""] : new[] { " ", "'T'" }
            select day + between + time, "yyyy-MM", "yyyy/MM"];

    private static readonly string[] WithOffset =
        [.. from time in new[] { "HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF" }
            from between in new[] { " ", "'T'" }
            select "yyyy-MM-dd" + between + time + "K"];

    private static readonly string[] Dotted =
        [.. from time in new[] { "", " HH:mm", " HH:mm:ss" } select "d.M.yyyy" + time];

    /// <summary>The cell's date, in whichever of the accepted forms it is.</summary>
    public static bool TryParse(string cell, out DateTime date)
    {
        date = default;
        if (cell.Length == 0 || !char.IsAsciiDigit(cell[0])) return false;
        if (DateTime.TryParseExact(cell, Plain, CultureInfo.InvariantCulture, DateTimeStyles.None, out date)) return true;
        if (DateTime.TryParseExact(cell, Dotted, CultureInfo.InvariantCulture, DateTimeStyles.None, out date)) return true;
        return DateTime.TryParseExact(cell, WithOffset, CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out date);
    }

    /// <summary>
    /// Whether the cells with dots could as well be months before days: none of them has a day above 12 in the first
    /// place, and there is one whose day and month differ.
    /// </summary>
    public static bool AreAmbiguous(IEnumerable<string> cells)
    {
        bool differ = false;
        foreach (string cell in cells)
        {
            string[] parts = cell.Split('.');
            if (parts.Length < 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int second)) continue;
            if (first > 12) return false;
            differ |= first != second;
        }
        return differ;
    }
}
