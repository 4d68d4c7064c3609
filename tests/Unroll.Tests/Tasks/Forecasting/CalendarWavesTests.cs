using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Forecasting;

public class CalendarWavesTests
{
    [Theory]
    [InlineData(24, 800, "year,week")]      // days
    [InlineData(24, 20, "week")]
    [InlineData(24, 10, "")]
    [InlineData(1, 24 * 20, "week,day")]    // hours
    [InlineData(24 * 7, 120, "year")]
    public void Waves_are_offered_where_the_rows_can_show_them(int hours, int rows, string expected) =>
        Assert.Equal(expected, string.Join(",", CalendarWaves.Offered([Dated(hours, rows)], [rows])));

    [Fact]
    public void A_series_without_times_is_offered_none() => Assert.Empty(CalendarWaves.Offered([ForecasterTests.Noisy(100, 1)], [100]));

    [Fact]
    public void A_week_turns_through_sine_and_cosine_and_goes_on_behind_the_end()
    {
        List<float[]> columns = CalendarWaves.Of(Dated(24, 20), ["week"], 2);
        Assert.Equal(6, columns.Count);
        Assert.Equal(6, CalendarWaves.Columns(["week"]));
        for (int i = 0; i < 22; i++)
        {
            // 1 January 2020 was a Wednesday, day 3 from Sunday.
            double angle = 2 * Math.PI * ((i + 3) % 7) / 7;
            Assert.Equal(Math.Sin(angle), columns[0][i], 1e-5);
            Assert.Equal(Math.Cos(angle), columns[1][i], 1e-5);
            Assert.Equal(Math.Sin(3 * angle), columns[4][i], 1e-5);
        }
    }

    private static TimeSeries Dated(int hours, int rows) => new("y", [.. Enumerable.Range(0, rows).Select(i => (float)i)],
        timestamps: [.. Enumerable.Range(0, rows).Select(i => new DateTime(2020, 1, 1).AddHours((double)hours * i))]);
}
