using Unroll.Metrics;

namespace Unroll.Tests.Metrics;

public class RegressionMetricTests
{
    // Errors 1, −2, 0.5 | 3, 0, −4.
    private static readonly float[] Targets = [2, 1, 0.5f, 3, 7, 0], Outputs = [1, 3, 0, 0, 7, 4];

    [Fact]
    public void Errors_are_means_over_rows_and_outputs()
    {
        Assert.Equal(10.5 / 6, Of(Metric.MeanAbsoluteError()), 15);
        Assert.Equal((1 + 4 + 0.25 + 9 + 0 + 16) / 6, Of(Metric.MeanSquaredError()), 15);
        Assert.Equal(Math.Sqrt(30.25 / 6), Of(Metric.RootMeanSquaredError()), 15);
        Assert.Equal(10.5 / 6 / 2.5, Of(Metric.MeanAbsoluteScaledError(2.5)), 15);
        Assert.Equal((200 / 3.0 + 400 / 4.0 + 200 + 200 + 0 + 200) / 6, Of(Metric.SymmetricMeanAbsolutePercentageError()), 12);
    }

    [Fact]
    public void The_root_is_taken_over_all_batches_and_not_batch_by_batch()
    {
        Metric rmse = Metric.RootMeanSquaredError();
        rmse.Update(Outputs.AsSpan(0, 1), Targets.AsSpan(0, 1), 1, 1, 1);
        rmse.Update(Outputs.AsSpan(5, 1), Targets.AsSpan(5, 1), 1, 1, 1);
        Assert.Equal(Math.Sqrt((1 + 16) / 2.0), rmse.Result, 15);
    }

    [Fact]
    public void Weights_belong_to_rows()
    {
        Metric mae = Metric.MeanAbsoluteError();
        mae.Update(Outputs, Targets, 2, 3, 3, [3, 1]);
        Assert.Equal((3 * 3.5 / 3 + 7 / 3.0) / 4, mae.Result, 15);
        Assert.Contains("row 2: expected a finite weight of at least 0, received -1",
            Assert.Throws<ArgumentException>(() => mae.Update(Outputs, Targets, 2, 3, 3, [3, -1])).Message);
    }

    [Fact]
    public void A_nan_makes_the_result_nan_and_no_row_does_too()
    {
        foreach (string name in new[] { "mae", "mse", "rmse", "smape" })
        {
            Metric metric = Metric.FromName(name);
            Assert.True(double.IsNaN(metric.Result));
            metric.Update([1, float.NaN], [1, 1], 2, 1, 1);
            Assert.True(double.IsNaN(metric.Result), name);
            metric.Reset();
            metric.Update([1], [4], 1, 1, 1);
            Assert.False(double.IsNaN(metric.Result), name);
        }
    }

    [Fact]
    public void Outputs_without_a_target_each_are_refused()
    {
        Assert.Contains("one target for each of 3 outputs a row, received 1",
            Assert.Throws<ArgumentException>(() => Metric.MeanAbsoluteError().Update(Outputs, [1, 2], 2, 3, 1)).Message);
        Assert.Contains("expected outputs of [3, 3], received 6",
            Assert.Throws<ArgumentException>(() => Metric.MeanAbsoluteError().Update(Outputs, Targets, 3, 3, 3)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Metric.MeanAbsoluteScaledError(0));
    }

    [Fact]
    public void Strings_stand_for_metrics_and_become_their_names()
    {
        foreach ((string name, Func<Metric> _) in MetricNames.All) Assert.Equal(name, Metric.FromName(name).Name);
        Assert.Equal("mae", Metric.FromName("MAE").Name);
        Assert.Equal("accuracy", Metric.Accuracy().Name);
        Assert.Equal(Math.Sqrt(30.25 / 6), Of(Metric.FromName("rmse")), 15);
        Assert.Equal(30.25 / 6, Of(Metric.FromName("mse")), 15);
        Assert.Equal(10.5 / 6, Of(Metric.FromName("mean_absolute_error")), 15);
        string message = Assert.Throws<ArgumentException>(() => Metric.FromName("acuracy")).Message;
        Assert.Contains("No metric is named 'acuracy'. Known are accuracy, acc, categorical_accuracy", message);
    }

    [Fact]
    public void Forecast_errors_agree_with_hand_counts()
    {
        float[] insample = [1, 4, 2, 6, 3];
        Assert.Equal((3 + 2 + 4 + 3) / 4.0, ForecastErrors.NaiveError(insample, 1), 15);
        Assert.Equal((1 + 2 + 1) / 3.0, ForecastErrors.NaiveError(insample, 2), 15);
        Assert.Equal(10.5 / 6 / (4 / 3.0), ForecastErrors.Mase(Targets, Outputs, insample, 2), 14);
        Assert.True(double.IsNaN(ForecastErrors.Mase(Targets, Outputs, [5, 5, 5], 1)));
        Assert.True(double.IsNaN(ForecastErrors.NaiveError(insample, 5)));
        Assert.Equal(0, ForecastErrors.Smape([0, 5], [0, 5]));
        // Errors above their forecast cost 0.9 each, those below 0.1: 0.9 (1 + 0.5 + 3) + 0.1 (2 + 4).
        Assert.Equal((0.9 * 4.5 + 0.1 * 6) / 6, ForecastErrors.Pinball(Targets, Outputs, 0.9), 15);
        Assert.Equal(3 / 4.0, ForecastErrors.Coverage([1, 2, 3, 4], [1, 1, 3.5f, 0], [2, 2, 4, 9]));
        Assert.Throws<ArgumentException>(() => ForecastErrors.Smape(Targets, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ForecastErrors.Pinball(Targets, Outputs, 1));
    }

    private static double Of(Metric metric)
    {
        metric.Update(Outputs, Targets, 2, 3, 3);
        return metric.Result;
    }
}
