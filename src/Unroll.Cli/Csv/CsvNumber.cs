using System.Globalization;

namespace Unroll.Cli.Csv;

/// <summary>What the text of a cell means as a number.</summary>
internal enum CsvNumberKind
{
    /// <summary>A number that fits 32 bits.</summary>
    Number,

    /// <summary>Nothing, NA, NaN or null.</summary>
    Missing,

    /// <summary>An infinity, or a number beyond 3.4e38.</summary>
    Infinite,

    /// <summary>Something else.</summary>
    Text,
}

/// <summary>Reads a cell as a number: point for decimals, exponent allowed, no separators of thousands.</summary>
internal static class CsvNumber
{
    /// <summary>What the cell is, with its value; NaN unless it is a number.</summary>
    public static CsvNumberKind Parse(string cell, out float value)
    {
        value = float.NaN;
        if (IsMissing(cell)) return CsvNumberKind.Missing;
        if (cell.TrimStart('+', '-').ToUpperInvariant() is "INF" or "INFINITY" or "∞") return CsvNumberKind.Infinite;
        if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double wide)) return CsvNumberKind.Text;
        if (double.IsNaN(wide)) return CsvNumberKind.Missing;
        float narrow = (float)wide;
        if (float.IsInfinity(narrow)) return CsvNumberKind.Infinite;
        value = narrow;
        return CsvNumberKind.Number;
    }

    /// <summary>Whether a cell stands for a value that is not there: empty, NA, N/A, NaN or null in any letter case.</summary>
    public static bool IsMissing(string cell) => cell.Length == 0 || cell.ToUpperInvariant() is "NA" or "N/A" or "NAN" or "NULL";
}
