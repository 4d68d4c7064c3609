using System.Globalization;
using Unroll.Data;
using Unroll.Metrics;
using Unroll.Tasks;
using Unroll.Tests.Support;
using Xunit.Abstractions;

namespace Unroll.Tests.Tasks.Baselines;

/// <summary>The figures of shared/data/README.md for naive forecasts, and ridge regression on the same points.</summary>
public class PublishedBaselineTests(ITestOutputHelper output)
{
    [SharedDataFact("univariate/airline-passengers.csv")]
    public void Airline_passengers_one_month_ahead()
    {
        BacktestTable table = OneStep("univariate/airline-passengers.csv", "Passengers", training: 96, lags: 13);
        Assert.Equal(48, table.Points.Count);
        Assert.Equal(48.04, table.Add(new NaiveForecast()).RootMeanSquaredError, 2);
        Assert.Equal(41.85, table.Add(new SeasonalNaiveForecast(12)).RootMeanSquaredError, 2);
        AssertRidge(table, 14, 14.6);
    }

    [SharedDataFact("univariate/monthly-sunspots.csv")]
    public void Sunspots_one_month_ahead()
    {
        BacktestTable table = OneStep("univariate/monthly-sunspots.csv", "Sunspots", training: 1889, lags: 24);
        Assert.Equal(931, table.Points.Count);
        Assert.Equal(18.40, table.Add(new NaiveForecast()).RootMeanSquaredError, 2);
        AssertRidge(table, 16.6, 16.9);
    }

    [SharedDataFact("univariate/daily-min-temperatures.csv")]
    public void Minimum_temperatures_one_day_ahead()
    {
        BacktestTable table = OneStep("univariate/daily-min-temperatures.csv", "Temp", training: 2445, lags: 20);
        Assert.Equal(1205, table.Points.Count);
        Assert.Equal(2.624, table.Add(new NaiveForecast()).RootMeanSquaredError, 3);
        AssertRidge(table, 2.33, 2.345);
    }

    [SharedDataFact("ett/ETTh1.csv.gz")]
    public void Transformer_temperature_a_day_ahead_on_the_informer_split()
    {
        float[] values = SharedData.Column("ett/ETTh1.csv.gz", "OT");
        Assert.Equal(17420, values.Length);
        ChronologicalSplit split = ChronologicalSplit.ByCounts(8640, 2880, 2880, values.Length);
        TimeSeries series = new TimeSeries("OT", values).Transform(StandardScaler.Fit(values.AsSpan(0, split.TrainingEnd)));
        var options = new WindowOptions { InputLength = 336, Horizon = 24 };
        var table = new BacktestTable(new WindowSet(options, series, split, SplitPart.Test), 24);
        Assert.Equal(2880 - 23, table.Points.Count);
        BacktestRow naive = table.Add(new NaiveForecast());
        Assert.Equal(0.034, naive.RootMeanSquaredError * naive.RootMeanSquaredError, 3);
        Assert.Equal(0.139, naive.MeanAbsoluteError, 3);
        RidgeForecast ridge = RidgeForecast.Choose(new WindowSet(options, series, split, SplitPart.Training),
            new WindowSet(options, series, split, SplitPart.Validation));
        BacktestRow row = table.Add(ridge);
        Print(row, ridge.Penalty);
        Assert.InRange(row.RootMeanSquaredError * row.RootMeanSquaredError, 0.0262, 0.0269);
    }

    [SharedDataFact("m4/Hourly-train.csv.gz", "m4/Hourly-test.csv")]
    public void M4_hourly_seasonal_naive() => AssertM4("Hourly", 24, 48, 414, 13.912, 1.193);

    [SharedDataFact("m4/Weekly-train.csv.gz", "m4/Weekly-test.csv")]
    public void M4_weekly_seasonal_naive() => AssertM4("Weekly", 1, 13, 359, 9.161, 2.777);

    private static void AssertM4(string frequency, int season, int horizon, int count, double smape, double mase)
    {
        float[][] training = Read($"m4/{frequency}-train.csv.gz"), test = Read($"m4/{frequency}-test.csv");
        Assert.Equal(count, training.Length);
        var parts = new WindowPart[count];
        for (int i = 0; i < count; i++)
            parts[i] = new WindowPart(new TimeSeries("M4", [.. training[i], .. test[i]]), training[i].Length, training[i].Length + horizon);
        var table = new BacktestTable(new WindowSet(new WindowOptions { InputLength = 1, Horizon = horizon }, parts), season);
        Assert.Equal(count, table.Points.Count);
        BacktestRow row = table.Add(new SeasonalNaiveForecast(season));
        Assert.Equal(smape, row.Smape, 3);
        Assert.Equal(mase, row.Mase, 3);

        static float[][] Read(string path) => [.. SharedData.Cells(path).Skip(1).Select(cells =>
            cells.Skip(1).Where(cell => cell.Length > 0).Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
    }

    /// <summary>Windows of one target over all rows behind the training part.</summary>
    private static BacktestTable OneStep(string path, string column, int training, int lags)
    {
        var series = new TimeSeries(column, SharedData.Column(path, column));
        return new BacktestTable(new WindowSet(new WindowOptions { InputLength = lags, Horizon = 1 }, [new WindowPart(series, training, series.Count)]), 1);
    }

    /// <summary>The penalty is chosen on the last quarter of the training part, then all of it is fitted on.</summary>
    private void AssertRidge(BacktestTable table, double low, double high)
    {
        (TimeSeries series, int training, _) = table.Points.Parts[0];
        WindowOptions options = table.Points.Options;
        int fitted = training - training / 4;
        double penalty = RidgeForecast.Choose(new WindowSet(options, [new WindowPart(series, 0, fitted)]),
            new WindowSet(options, [new WindowPart(series, fitted, training)])).Penalty;
        BacktestRow row = table.Add(RidgeForecast.Fit(new WindowSet(options, [new WindowPart(series, 0, training)]), penalty));
        Print(row, penalty);
        Assert.InRange(row.RootMeanSquaredError, low, high);
    }

    private void Print(BacktestRow row, double penalty)
        => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{row.Name}, penalty {penalty}: RMSE {row.RootMeanSquaredError:F4}, MSE {row.RootMeanSquaredError * row.RootMeanSquaredError:F5}, MAE {row.MeanAbsoluteError:F4}"));
}
