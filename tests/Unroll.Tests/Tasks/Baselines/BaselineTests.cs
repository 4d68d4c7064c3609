using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Baselines;

public class BaselineTests
{
    private static readonly TimeSeries Series = new("y", [3, 1, 4, 1, 5, 9, 2, 6]);

    [Fact]
    public void Naive_repeats_the_last_row_before_the_origin()
        => Assert.Equal([9, 9], Forecast(new NaiveForecast(), Series, 6, 2));

    [Fact]
    public void Seasonal_naive_repeats_the_last_season_as_often_as_needed()
    {
        Assert.Equal([1, 5, 9, 1, 5, 9, 1], Forecast(new SeasonalNaiveForecast(3), Series, 6, 7));
        Assert.Equal([4, 4], Forecast(new SeasonalNaiveForecast(5), Series, 3, 2)); // shorter than a season
        Assert.Throws<ArgumentOutOfRangeException>(() => Forecast(new NaiveForecast(), Series, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeasonalNaiveForecast(0));
    }

    [Fact]
    public void No_forecast_reads_the_target_from_the_origin_on()
    {
        float[] values = [.. Enumerable.Range(0, 60).Select(i => MathF.Sin(1.7f * i) + i % 5)];
        var series = new TimeSeries("y", values);
        Array.Fill(values, 1e6f, 40, 20);
        var changed = new TimeSeries("y", values);
        var options = new WindowOptions { InputLength = 6, Horizon = 3 };
        foreach (IPointForecaster forecaster in new IPointForecaster[]
        {
            new NaiveForecast(), new SeasonalNaiveForecast(5), RidgeForecast.Fit(new WindowSet(options, [new WindowPart(series, 0, 40)]), 0.1),
        })
            Assert.Equal(Forecast(forecaster, series, 40, 3), Forecast(forecaster, changed, 40, 3));
    }

    [Fact]
    public void The_table_scores_each_forecaster_on_the_same_points()
    {
        // Test rows 2 6 from row 6 on; windows of one target; in-sample differences 2 3 3 4 4, mean 3.2.
        var table = new BacktestTable(new WindowSet(new WindowOptions { InputLength = 2, Horizon = 1 }, [new WindowPart(Series, 6, 8)]), 1);
        BacktestRow naive = table.Add(new NaiveForecast()); // 9 2: errors 7 4
        Assert.Equal("naive", naive.Name);
        Assert.Equal(Math.Sqrt((49 + 16) / 2.0), naive.RootMeanSquaredError, 14);
        Assert.Equal(5.5, naive.MeanAbsoluteError, 14);
        Assert.Equal((200 * 7 / 11.0 + 200 * 4 / 8.0) / 2, naive.Smape, 12);
        Assert.Equal(5.5 / 3.2, naive.Mase, 14);
        BacktestRow own = table.Add("mine", [2, 5]);
        Assert.Equal(0.5, own.MeanAbsoluteError, 14);
        Assert.Equal(["naive", "mine"], table.Rows.Select(row => row.Name));
        Assert.Contains("expected [2, 1] forecasts, received 3", Assert.Throws<ArgumentException>(() => table.Add("mine", new float[3])).Message);
    }

    [Fact]
    public void The_table_scales_each_series_by_its_own_naive_error()
    {
        var large = new TimeSeries("z", [.. Series.Values.ToArray().Select(y => 100 * y)]);
        var table = new BacktestTable(new WindowSet(new WindowOptions { InputLength = 2, Horizon = 2 },
            [new WindowPart(Series, 6, 8), new WindowPart(large, 6, 8)]), 2);
        // In-sample seasonal differences 1 0 1 8, mean 2.5; forecasts 5 9 for 2 6, errors 3 3, a hundredfold for the other.
        BacktestRow row = table.Add(new SeasonalNaiveForecast(2));
        Assert.Equal(3 / 2.5, row.Mase, 14);
        Assert.Equal((3 + 300) / 2.0, row.MeanAbsoluteError, 12);
    }

    internal static float[] Forecast(IPointForecaster forecaster, TimeSeries series, int origin, int horizon)
    {
        var forecast = new float[horizon];
        forecaster.Forecast(series, origin, forecast);
        return forecast;
    }
}
