using System.Globalization;

namespace Unroll.Reports;

/// <summary>Places on an axis with their labels: round numbers, powers of ten, or round dates.</summary>
/// <param name="Values">Positions in the axis's unit, ascending.</param>
/// <param name="Labels">One label a position.</param>
internal sealed record AxisTicks(double[] Values, string[] Labels)
{
    /// <summary>
    /// Multiples of 1, 2 or 5 times a power of ten that lie in [minimum, maximum]: the finest such step that gives at
    /// most <paramref name="most"/> + 1 ticks. Both ends finite, minimum below maximum.
    /// </summary>
    public static AxisTicks Linear(double minimum, double maximum, int most)
    {
        double rough = maximum / most - minimum / most; // divided first: the difference of two huge ends may overflow
        int power = (int)Math.Floor(Math.Log10(rough));
        double fraction = rough / Scale(1, power);
        int multiple = fraction <= 1.0000001 ? 1 : fraction <= 2.0000001 ? 2 : fraction <= 5.0000001 ? 5 : 10;
        if (multiple == 10) (multiple, power) = (1, power + 1);

        double step = Scale(multiple, power);
        double slack = 1e-9 * (maximum / step - minimum / step);
        double first = Math.Ceiling(minimum / step - slack);
        double last = Math.Floor(maximum / step + slack);
        int count = (int)Math.Min(last - first + 1, most + 2);
        var values = new double[Math.Max(count, 0)];
        for (int i = 0; i < values.Length; i++) values[i] = Scale((first + i) * multiple, power);
        return new AxisTicks(values, LabelsFor(values, power));
    }

    /// <summary>
    /// Ticks for a logarithmic axis, 0 below minimum below maximum: powers of ten (every second, third … one when there
    /// are many), with 2 and 5 times them when there are few, and those of <see cref="Linear"/> when there is no room.
    /// </summary>
    public static AxisTicks Logarithmic(double minimum, double maximum, int most)
    {
        int low = (int)Math.Floor(Math.Log10(minimum)), high = (int)Math.Ceiling(Math.Log10(maximum));
        bool narrow = Math.Log10(maximum) - Math.Log10(minimum) <= 2;
        int[] multiples = narrow ? [1, 2, 5] : [1];
        int stride = Math.Max(1, (high - low + most) / (most + 1));
        var values = new List<double>();
        for (int power = low; power <= high; power++)
        {
            if (power % stride != 0) continue;
            foreach (int multiple in multiples)
            {
                double value = Scale(multiple, power);
                if (value >= minimum * (1 - 1e-9) && value <= maximum * (1 + 1e-9)) values.Add(value);
            }
        }
        return values.Count < 3 && narrow
            ? Linear(minimum, maximum, most)
            : new AxisTicks([.. values], [.. values.Select(Number)]);
    }

    /// <summary>A number for a label: exact to six digits, grouped by thousands, with an exponent when far from 1.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "–" : value > 0 ? "∞" : "-∞";
        double size = Math.Abs(value);
        if (size != 0 && (size >= 1e7 || size < 1e-4)) return value.ToString("0.#####e0", CultureInfo.InvariantCulture);
        int decimals = size == 0 ? 0 : Math.Clamp(5 - (int)Math.Floor(Math.Log10(size)), 0, 9);
        return value.ToString(decimals == 0 ? "#,0" : "#,0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }

    private static string[] LabelsFor(double[] values, int power)
    {
        double largest = values.Length == 0 ? 0 : Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
        bool exponent = largest >= 1e7 || power < -4;
        string format = exponent ? "0.#####e0" : "N" + Math.Max(0, -power).ToString(CultureInfo.InvariantCulture);
        return [.. values.Select(value => value == 0 ? "0" : value.ToString(format, CultureInfo.InvariantCulture))];
    }

    // 3 · 10⁻¹ as 3 / 10, never 3 · 0.1: the quotient of two exact numbers is the double nearest to 0.3.
    private static double Scale(double multiple, int power) =>
        power >= 0 ? multiple * Math.Pow(10, power) : multiple / Math.Pow(10, -power);
}
