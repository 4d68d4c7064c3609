using System.Globalization;

namespace Unroll.Bench.Comparison;

/// <summary>How pages of results take medians and write figures.</summary>
internal static class BenchFigures
{
    /// <summary>The median; null of no values.</summary>
    public static double? Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : 0.5 * (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]);
    }

    /// <summary>Milliseconds with three digits or so.</summary>
    public static string Time(double milliseconds) => milliseconds.ToString(milliseconds < 1 ? "0.000" : milliseconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
