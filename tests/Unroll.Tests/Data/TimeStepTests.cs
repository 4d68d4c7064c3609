using Unroll.Data;
using Unroll.Tests.Support;

namespace Unroll.Tests.Data;

public class TimeStepTests
{
    private static DateTime[] Every(TimeSpan span, int count) => [.. Enumerable.Range(0, count).Select(i => new DateTime(2021, 1, 30) + i * span)];

    [Theory]
    [InlineData(60, "hour")]
    [InlineData(15, "15 minutes")]
    [InlineData(1440, "day")]
    [InlineData(10080, "week")]
    public void Fixed_steps_are_inferred_and_named(int minutes, string name)
        => Assert.Equal(name, TimeStep.Infer(Every(TimeSpan.FromMinutes(minutes), 9))!.Value.Name);

    [Fact]
    public void A_row_left_out_does_not_change_the_step()
    {
        DateTime[] hours = Every(TimeSpan.FromHours(1), 10);
        Assert.Equal(TimeSpan.FromHours(1), TimeStep.Infer([.. hours[..3], .. hours[5..]])!.Value.Span);
        Assert.Equal(TimeSpan.FromHours(1), TimeStep.Infer([hours[0], hours[2], hours[3]])!.Value.Span); // the shorter in a tie
    }

    [Fact]
    public void Months_quarters_and_years_step_by_the_calendar()
    {
        DateTime first = new(2020, 1, 15);
        Assert.Equal("month", TimeStep.Infer([first, first.AddMonths(1), first.AddMonths(2)])!.Value.Name);
        Assert.Equal("quarter", TimeStep.Infer([first, first.AddMonths(3), first.AddMonths(6)])!.Value.Name);
        Assert.Equal("year", TimeStep.Infer([first, first.AddYears(1), first.AddYears(2)])!.Value.Name);
    }

    [Fact]
    public void Month_ends_stay_month_ends_across_a_leap_february()
    {
        DateTime[] ends = [new(2023, 10, 31), new(2023, 11, 30), new(2023, 12, 31)];
        TimeStep step = TimeStep.Infer(ends)!.Value;
        Assert.Equal([new(2024, 1, 31), new(2024, 2, 29), new(2024, 3, 31), new DateTime(2024, 4, 30)], step.Continue(ends[^1], 4));
        Assert.Equal(ends[2], step.Add(ends[1], 1)); // from a short month back to the 31st
        Assert.Equal(ends[0], step.Add(ends[1], -1));
    }

    [Fact]
    public void Hours_continue_past_midnight_and_the_year()
    {
        DateTime[] hours = [new(2021, 12, 31, 21, 0, 0), new(2021, 12, 31, 22, 0, 0), new(2021, 12, 31, 23, 0, 0)];
        var series = new TimeSeries("x", [1, 2, 3], timestamps: hours);
        Assert.Equal([new(2022, 1, 1, 0, 0, 0), new DateTime(2022, 1, 1, 1, 0, 0)], DateFeatures.Future(series, 2));
    }

    [Fact]
    public void Times_out_of_order_are_refused_with_their_row()
    {
        DateTime day = new(2021, 3, 4);
        var error = Assert.Throws<ArgumentException>(() => TimeStep.Infer([day, day.AddDays(1), day.AddDays(1)]));
        Assert.Contains("Row 3: expected a time after 2021-03-05 00:00:00", error.Message);
        Assert.Null(TimeStep.Infer([day]));
    }

    [SharedDataFact("univariate/airline-passengers.csv", "univariate/daily-min-temperatures.csv")]
    public void Real_files_step_by_month_and_by_day_though_leap_days_are_left_out()
    {
        Assert.Equal("month", TimeStep.Infer(SharedData.Dates("univariate/airline-passengers.csv"))!.Value.Name);
        DateTime[] days = SharedData.Dates("univariate/daily-min-temperatures.csv");
        Assert.Equal(3650, days.Length);
        Assert.Equal(3651, (days[^1] - days[0]).Days);
        Assert.Equal("day", TimeStep.Infer(days)!.Value.Name);
    }
}
