using Unroll.Reports;

namespace Unroll.Tests.Reports;

public class AxisTicksTests
{
    [Theory]
    [InlineData(0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(104, 622, 6, "200 300 400 500 600")]
    [InlineData(-0.7, 0.3, 5, "-0.6 -0.4 -0.2 0.0 0.2")]
    [InlineData(999_990, 1_000_010, 5, "999,990 999,995 1,000,000 1,000,005 1,000,010")]
    [InlineData(0, 3e8, 3, "0 1e8 2e8 3e8")]
    [InlineData(0, 3e-7, 3, "0 1e-7 2e-7 3e-7")]
    [InlineData(0.1, 0.7, 6, "0.1 0.2 0.3 0.4 0.5 0.6 0.7")]
    public void Ticks_are_round_numbers(double low, double high, int most, string expected) =>
        Assert.Equal(expected.Replace("0.0", "0", StringComparison.Ordinal), string.Join(' ', AxisTicks.Linear(low, high, most).Labels));

    [Fact]
    public void A_tick_is_the_double_nearest_to_its_label() =>
        Assert.Equal([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], AxisTicks.Linear(0.1, 0.7, 6).Values);

    [Fact]
    public void Any_finite_range_gets_few_ticks_inside_it()
    {
        foreach (double low in new[] { -1e300, -12345.678, -1e-9, 0, 3e-200, 7 })
        {
            foreach (double size in new[] { 1e-3, 0.7, 13, 1e6, 1e300 })
            {
                double high = low + size * Math.Max(Math.Abs(low), 1e-3);
                if (!double.IsFinite(high)) continue;
                AxisTicks ticks = AxisTicks.Linear(low, high, 6);
                Assert.InRange(ticks.Values.Length, 2, 8);
                Assert.All(ticks.Values, value => Assert.InRange(value, low - (high / 2 - low / 2) * 1e-6, high + (high / 2 - low / 2) * 1e-6));
            }
        }
    }

    [Theory]
    [InlineData(0.003, 1.5, "0.01 0.1 1")]
    [InlineData(0.5, 30, "0.5 1 2 5 10 20")]
    [InlineData(0.42, 0.51, "0.42 0.44 0.46 0.48 0.50")]
    [InlineData(1e-12, 10, "1e-12 1e-10 1e-8 1e-6 0.0001 0.01 1")]
    public void Logarithmic_ticks_are_powers_of_ten_where_there_are_some(double low, double high, string expected) =>
        Assert.Equal(expected, string.Join(' ', AxisTicks.Logarithmic(low, high, 6).Labels));

    [Theory]
    [InlineData("1949-01-01", "1960-12-01", "1949 1950 1951 1952 1953 1954 1955 1956 1957 1958 1959 1960")]
    [InlineData("1749-01-01", "1983-12-01", "1760 1780 1800 1820 1840 1860 1880 1900 1920 1940 1960 1980")]
    [InlineData("2024-01-15", "2024-12-31", "2024-03 2024-05 2024-07 2024-09 2024-11")]
    [InlineData("2024-02-27", "2024-03-02", "2024-02-27 2024-02-28 2024-02-29 2024-03-01 2024-03-02")]
    [InlineData("2024-02-27T22:30", "2024-02-28T10:00", "00:00 02:00 04:00 06:00 08:00 10:00")]
    [InlineData("2024-02-27T22:00", "2024-02-29T22:00", "02-28 00:00|02-28 12:00|02-29 00:00|02-29 12:00")]
    public void Date_ticks_are_round_dates(string low, string high, string expected)
    {
        AxisTicks ticks = DateTicks.Between(Position(low), Position(high), 8);
        Assert.Equal(expected, string.Join(expected.Contains('|') ? '|' : ' ', ticks.Labels));
    }

    [Theory]
    [InlineData(14.25, "14.25")]
    [InlineData(102.97634, "102.976")]
    [InlineData(1234567, "1,234,567")]
    [InlineData(0.00012345678, "0.000123457")]
    [InlineData(-2.5e-7, "-2.5e-7")]
    [InlineData(0, "0")]
    [InlineData(double.NaN, "–")]
    public void A_number_is_written_short(double value, string expected) => Assert.Equal(expected, AxisTicks.Number(value));

    private static double Position(string date) => DateTicks.Position(DateTime.Parse(date, System.Globalization.CultureInfo.InvariantCulture));
}
