using Unroll.Data;

namespace Unroll.Tests.Data;

public class TimeSeriesTests
{
    [Fact]
    public void A_slice_has_its_rows_of_every_column_and_the_times()
    {
        var times = TimeStep.EveryMonths(1).Continue(new DateTime(2020, 12, 1), 5);
        var series = new TimeSeries("y", [1, 2, 3, 4, 5],
            [new Covariate("seen", [6, 7, 8, 9, 10]), new Covariate("plan", [11, 12, 13, 14, 15, 16], knownInFuture: true)], times);
        TimeSeries slice = series.Slice(1, 2);
        Assert.Equal([2, 3], slice.Values.ToArray());
        Assert.Equal([7, 8], slice.Covariates[0].Values.ToArray());
        Assert.Equal([12, 13, 14, 15, 16], slice.Covariates[1].Values.ToArray());
        Assert.Equal([new(2021, 2, 1), new DateTime(2021, 3, 1)], slice.Timestamps!);
        Assert.Equal("month", slice.Step!.Value.Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => series.Slice(4, 2));
    }

    [Fact]
    public void A_column_of_another_length_is_refused_unless_it_is_known_in_future_and_longer()
    {
        var error = Assert.Throws<ArgumentException>(() => new TimeSeries("y", [1, 2, 3], [new Covariate("c", [1, 2, 3, 4])]));
        Assert.Contains("expected 3 rows in column 'c', found 4", error.Message);
        Assert.Throws<ArgumentException>(() => new TimeSeries("y", [1, 2, 3], [new Covariate("c", [1, 2], knownInFuture: true)]));
        Assert.Contains("two columns are named 'y'", Assert.Throws<ArgumentException>(() => new TimeSeries("y", [1], [new Covariate("y", [1])])).Message);
        Assert.Contains("expected 1 times, one a row, found 2", Assert.Throws<ArgumentException>(() => new TimeSeries("y", [1], null, new DateTime[2])).Message);
    }

    [Fact]
    public void Scaling_transforms_target_and_columns_each_with_its_own()
    {
        var series = new TimeSeries("y", [1, 2], [new Covariate("c", [10, 30])]);
        TimeSeries scaled = series.Transform(new StandardScaler(1, 2), [new MinMaxScaler(10, 40)]);
        Assert.Equal([0, 0.5f], scaled.Values.ToArray());
        Assert.Equal([0, 0.5f], scaled.Covariates[0].Values.ToArray());
        Assert.Equal([10, 30], series.Transform(new StandardScaler(1, 2)).Covariates[0].Values.ToArray());
    }

    [Fact]
    public void Calendar_features_are_scaled_known_and_go_on_behind_the_end()
    {
        // 2024-12-31 is a Tuesday.
        var times = TimeStep.Every(TimeSpan.FromHours(1)).Continue(new DateTime(2024, 12, 31, 20, 0, 0), 3);
        TimeSeries series = DateFeatures.AddTo(new TimeSeries("y", [1, 2, 3], null, times), futureRows: 1);
        Assert.Equal(["date.month", "date.weekday", "date.hour"], series.Covariates.Select(c => c.Name));
        Assert.All(series.Covariates, c => Assert.True(c.KnownInFuture));
        Assert.Equal([0.5f, 0.5f, 0.5f, -0.5f], series.Covariates[0].Values.ToArray());
        Assert.Equal([1 / 6f - 0.5f, 1 / 6f - 0.5f, 1 / 6f - 0.5f, 2 / 6f - 0.5f], series.Covariates[1].Values.ToArray());
        Assert.Equal([21 / 23f - 0.5f, 22 / 23f - 0.5f, 0.5f, -0.5f], series.Covariates[2].Values.ToArray());
        Assert.Equal(["date.month"], DateFeatures.From(times, TimeStep.EveryMonths(1)).Select(c => c.Name));
        Assert.Equal(["date.month"], DateFeatures.From(times, TimeStep.Every(TimeSpan.FromDays(7))).Select(c => c.Name));
        Assert.Equal(["date.month", "date.weekday"], DateFeatures.From(times, TimeStep.Every(TimeSpan.FromDays(1))).Select(c => c.Name));
    }
}
