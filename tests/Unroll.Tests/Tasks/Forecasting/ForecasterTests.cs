using Unroll.Data;
using Unroll.Files;
using Unroll.Models;
using Unroll.Tasks;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Forecasting;

public class ForecasterTests
{
    private static readonly ForecastOptions s_small = new() { Horizon = 3, InputLength = 8, Units = 6, Epochs = 4, Seed = 3 };

    [Fact]
    public void A_straight_line_is_continued_with_its_dates()
    {
        TimeSeries line = Series(60, i => 5 + 2f * i, monthly: true);
        Forecast forecast = Forecaster.Train(line, s_small with { Epochs = 0 }).Predict(line);
        for (int h = 0; h < 3; h++) Assert.Equal(5 + 2 * (60 + h), forecast.Mean[h], 0.02);
        Assert.Equal([new DateTime(2005, 1, 1), new DateTime(2005, 2, 1), new DateTime(2005, 3, 1)], forecast.Timestamps!);
        Assert.Equal("y", forecast.SeriesName);
        Assert.Equal(3, forecast.Horizon);
    }

    [Fact]
    public void Where_level_and_season_multiply_logarithms_are_chosen_and_are_better()
    {
        // y(t) / y(t−1) is the season's ratio times a random step: a sum in logarithms, and linear in no lag without them.
        var random = new Random(9);
        float[] factors = [1, 1.4f, 0.7f, 1.8f, 0.6f, 1.1f, 2, 0.9f, 1.3f, 0.5f, 1.6f, 0.8f];
        double level = 100;
        TimeSeries series = Series(240, i => (float)((level *= Math.Exp(0.1 * (random.NextDouble() - 0.5))) * factors[i % 12]), monthly: true);
        var options = new ForecastOptions { Horizon = 1, Season = 12, Epochs = 2 };
        Forecaster chosen = Forecaster.Train(series.Slice(0, 180), options), plain = Forecaster.Train(series.Slice(0, 180), options with { Logarithm = false });
        Assert.True(chosen.Logarithm);
        Assert.False(plain.Logarithm);
        double error = chosen.Evaluate(series, 180).Network.RootMeanSquaredError;
        Assert.InRange(error / plain.Evaluate(series, 180).Network.RootMeanSquaredError, 0, 0.95);
    }

    [Fact]
    public void A_season_is_found_and_continued()
    {
        TimeSeries series = Series(120, i => (float)(100 + 0.5 * i + 30 * Math.Sin(Math.PI * i / 6)), monthly: true);
        Forecaster forecaster = Forecaster.Train(series.Slice(0, 108), new ForecastOptions { Horizon = 12, Epochs = 2 });
        Assert.Equal(12, forecaster.Season);
        Forecast forecast = forecaster.Predict(series.Slice(0, 108));
        for (int h = 0; h < 12; h++) Assert.InRange(forecast.Mean[h] / series.Values[108 + h], 0.99f, 1.01f);
    }

    [Fact]
    public void The_linear_part_is_a_ridge_regression_on_the_same_windows()
    {
        TimeSeries series = Noisy(150, 7);
        Forecaster forecaster = Forecaster.Train(series, s_small with { Logarithm = false, Level = ForecastLevel.None, Epochs = 0, Calendar = false });
        RidgeForecast ridge = RidgeForecast.Fit(
            new WindowSet(new WindowOptions { InputLength = 8, Horizon = 3 }, [new WindowPart(series, 0, 150)]), forecaster.Penalty);
        float[] expected = new float[3];
        ridge.Forecast(series, 150, expected);
        Forecast forecast = forecaster.Predict(series);
        for (int h = 0; h < 3; h++) Assert.Equal(expected[h], forecast.Mean[h], 1e-3);
        Assert.Equal(0, forecaster.BestEpoch);
    }

    [Fact]
    public void On_the_validation_rows_the_network_is_never_worse_than_the_regression()
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            TimeSeries series = Noisy(200, seed);
            Forecaster forecaster = Forecaster.Train(series, s_small with { Horizon = 1, Logarithm = false, Level = ForecastLevel.Last, Epochs = 8, LearningRate = 0.02f, RefitOnAll = false, Seed = (ulong)seed });
            ForecastEvaluation evaluation = forecaster.Evaluate(series, 160); // the last fifth validates
            Assert.True(evaluation.Network.MeanSquaredError <= evaluation.Ridge.MeanSquaredError * (1 + 1e-6));
        }
    }

    [Fact]
    public void The_recurrent_part_learns_what_a_regression_cannot()
    {
        // The next value is the product of the signs of the last two: no linear map of them knows it.
        TimeSeries series = Products(600);
        Forecaster forecaster = Forecaster.Train(series.Slice(0, 500), new ForecastOptions
        {
            Horizon = 1,
            InputLength = 4,
            Season = 1,
            Logarithm = false,
            Level = ForecastLevel.None,
            Cell = ForecastCell.Gru,
            Units = 16,
            Epochs = 60,
            LearningRate = 0.01f,
        });
        ForecastEvaluation evaluation = forecaster.Evaluate(series, 500);
        Assert.True(forecaster.BestEpoch > 0);
        // The broken rows alone leave 2 · √0.1 = 0.63; the regression has 0.78.
        Assert.InRange(evaluation.Network.RootMeanSquaredError, 0.6, 0.68);
        Assert.True(evaluation.Ridge.RootMeanSquaredError > 0.75);
    }

    [Fact]
    public void Equal_seeds_give_equal_bits_and_another_seed_others()
    {
        TimeSeries series = Products(200);
        ForecastOptions options = s_small with { Level = ForecastLevel.None, Epochs = 6, LearningRate = 0.01f };
        using TemporaryFile first = new("", ".safetensors"), second = new("", ".safetensors"), other = new("", ".safetensors");
        Forecaster.Train(series, options).Save(first.Path);
        Forecaster.Train(series, options).Save(second.Path);
        Forecaster.Train(series, options with { Seed = 4 }).Save(other.Path);
        Assert.Equal(File.ReadAllBytes(first.Path), File.ReadAllBytes(second.Path));
        Assert.NotEqual(File.ReadAllBytes(first.Path), File.ReadAllBytes(other.Path));
    }

    [Fact]
    public void Saved_and_loaded_gives_the_same_forecasts()
    {
        TimeSeries series = WithColumns(Products(220, dated: true), 3);
        Forecaster forecaster = Forecaster.Train(series, s_small with { Calendar = true, LearningRate = 0.01f });
        Assert.Contains("week", forecaster.Waves);
        using var file = new TemporaryFile("", ".safetensors");
        forecaster.Save(file.Path);
        Forecaster loaded = Forecaster.Load(file.Path);
        Forecast expected = forecaster.Predict(series), found = loaded.Predict(series);
        Assert.Equal(expected.Mean, found.Mean);
        foreach (double level in expected.Levels) Assert.Equal(expected.Quantile(level), found.Quantile(level));
        Assert.Equal(forecaster.Covariates, loaded.Covariates);
        Assert.Equal(forecaster.Season, loaded.Season);
    }

    [Fact]
    public void Training_stopped_and_resumed_ends_in_the_same_bytes()
    {
        TimeSeries series = Products(300);
        var options = new ForecastOptions
        {
            Horizon = 1,
            InputLength = 4,
            Season = 1,
            Logarithm = false,
            Level = ForecastLevel.None,
            Cell = ForecastCell.Gru,
            Units = 8,
            Dropout = 0.1f,
            Epochs = 12,
            LearningRate = 0.01f,
        };
        using TemporaryFile whole = new("", ".safetensors"), resumed = new("", ".safetensors"), checkpoint = new("", ".checkpoint");
        int steps = 0;
        Forecaster reference = Forecaster.Train(series, options, new Steps(() => steps++));
        Assert.True(reference.BestEpoch > 1);
        reference.Save(whole.Path);
        foreach (int stop in (int[])[1, steps / 3, steps / 2, steps - 1])
        {
            File.Delete(checkpoint.Path);
            File.Delete(checkpoint.Path + ".all");
            using var cancellation = new CancellationTokenSource();
            int done = 0;
            Assert.Throws<OperationCanceledException>(() => Forecaster.Train(series, options,
                new Steps(() => { if (++done == stop) cancellation.Cancel(); }), new CheckpointOptions(checkpoint.Path), cancellation: cancellation.Token));
            Forecaster.Train(series, options, checkpoint: new CheckpointOptions(checkpoint.Path), resume: true).Save(resumed.Path);
            Assert.Equal(File.ReadAllBytes(whole.Path), File.ReadAllBytes(resumed.Path));
        }
        File.Delete(checkpoint.Path + ".all");
    }

    [Fact]
    public void Rows_behind_the_series_given_change_no_training()
    {
        TimeSeries long1 = Noisy(150, 1), long2 = new("y", [.. long1.Values[..120], .. Enumerable.Repeat(1e6f, 30)]);
        Forecast first = Forecaster.Train(long1.Slice(0, 120), s_small).Predict(long1.Slice(0, 120));
        Forecast second = Forecaster.Train(long2.Slice(0, 120), s_small).Predict(long2.Slice(0, 120));
        Assert.Equal(first.Mean, second.Mean);
    }

    [Fact]
    public void Validation_rows_change_neither_scaler_nor_training_windows()
    {
        TimeSeries series = Noisy(100, 2);
        float[] changed = series.Values.ToArray();
        for (int i = 80; i < 100; i++) changed[i] += 3;
        ForecastOptions options = s_small with { Level = ForecastLevel.None, Logarithm = false, Season = 1 };
        var rows = new ForecastRows([series], options);
        Assert.Equal([80], rows.TrainingEnd);
        PlanSearch.Candidate one = new PlanSearch(rows, options, default).Run();
        PlanSearch.Candidate two = new PlanSearch(new ForecastRows([new TimeSeries("y", changed)], options), options, default).Run();
        Assert.Equal(one.Plan.Target.Offset, two.Plan.Target.Offset);
        Assert.Equal(one.Plan.Target.Scale, two.Plan.Target.Scale);
        Assert.NotEqual(one.Error, two.Error);
        ForecastWindows training = rows.Training(one.Plan, [new PreparedSeries(series, one.Plan)]);
        Assert.Equal(80 - 8 - 3 + 1, training.Count);
        Assert.Equal(77, training[training.Count - 1].Origin);
    }

    [Fact]
    public void A_column_known_in_future_is_used_and_one_not_known_is_not_read_behind_the_end()
    {
        // y(t) = 4 · plan(t) + noise column of the row before; only the plan's future rows tell the next values.
        TimeSeries series = Planned(160, futureRows: 3);
        Forecaster forecaster = Forecaster.Train(series, s_small with { Epochs = 0, Logarithm = false });
        Forecast forecast = forecaster.Predict(series);
        for (int h = 0; h < 3; h++) Assert.Equal(4 * series.Covariates[0].Values[160 + h], forecast.Mean[h], 0.15);
        string message = Assert.Throws<ArgumentException>(() => forecaster.Predict(Planned(160, futureRows: 2))).Message;
        Assert.Contains("'plan' is known in future and has 2 rows behind the series' end", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_series_of_different_sizes_share_one_network()
    {
        TimeSeries[] series = [.. Enumerable.Range(1, 4).Select(k => Series(80, i => (float)(Math.Pow(10, k) * (2 + Math.Sin(Math.PI * i / 6 + k)))))];
        Forecaster forecaster = Forecaster.Train(series, new ForecastOptions { Horizon = 4, Epochs = 2 });
        IReadOnlyList<Forecast> forecasts = forecaster.Predict(series);
        for (int k = 1; k <= 4; k++)
            for (int h = 0; h < 4; h++)
                Assert.InRange(forecasts[k - 1].Mean[h] / (Math.Pow(10, k) * (2 + Math.Sin(Math.PI * (80 + h) / 6 + k))), 0.95, 1.05);
    }

    [Fact]
    public void Quantiles_never_cross_and_cover_about_their_share()
    {
        TimeSeries series = Noisy(900, 11);
        Forecaster forecaster = Forecaster.Train(series.Slice(0, 600), s_small with { Quantiles = [0.05, 0.25, 0.5, 0.75, 0.95] });
        Forecast forecast = forecaster.Predict(series);
        for (int h = 0; h < 3; h++)
            for (int q = 1; q < 5; q++) Assert.True(forecast.Quantile(forecast.Levels[q])[h] > forecast.Quantile(forecast.Levels[q - 1])[h]);
        ForecastEvaluation evaluation = forecaster.Evaluate(series, 600);
        Assert.Equal(298, evaluation.Windows);
        for (int q = 0; q < 5; q++) Assert.Equal(evaluation.Levels[q], evaluation.Coverage[q], 0.1);
        Assert.Contains("0.05, 0.25, 0.5, 0.75, 0.95", Assert.Throws<ArgumentException>(() => forecast.Quantile(0.9)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_forecaster_is_scored_on_the_same_points()
    {
        TimeSeries series = Noisy(130, 4);
        Forecaster forecaster = Forecaster.Train(series.Slice(0, 100), s_small with { Season = 5 });
        ForecastEvaluation evaluation = forecaster.Evaluate(series, 100);
        Assert.Equal(["network", "ridge", "seasonal naive (5)", "naive"], evaluation.Scores.Select(score => score.Name));
        double squares = 0, network = 0;
        for (int origin = 100; origin <= 127; origin++)
        {
            Forecast forecast = forecaster.Predict(series.Slice(0, origin));
            for (int h = 0; h < 3; h++)
            {
                squares += Math.Pow(series.Values[origin + h] - series.Values[origin - 1], 2);
                network += Math.Pow(series.Values[origin + h] - forecast.Mean[h], 2);
            }
        }
        Assert.Equal(28, evaluation.Windows);
        Assert.Equal(84, evaluation.Points);
        Assert.Equal(squares / 84, evaluation.Scores[3].MeanSquaredError, 1e-6);
        Assert.Equal(network / 84, evaluation.Network.MeanSquaredError, 1e-6);
    }

    [Fact]
    public void A_model_that_is_no_forecaster_is_refused_with_its_path()
    {
        using var file = new TemporaryFile("", ".safetensors");
        new Sequential(new Unroll.Basics.Shape(-1, 2)) { new Unroll.Layers.Dense(1) }.Save(file.Path);
        string message = Assert.Throws<ModelFileException>(() => Forecaster.Load(file.Path)).Message;
        Assert.Contains(file.Path, message, StringComparison.Ordinal);
        Assert.Contains("expected a forecaster", message, StringComparison.Ordinal);
    }

    internal static TimeSeries Series(int count, Func<int, float> value, bool monthly = false) => new("y",
        [.. Enumerable.Range(0, count).Select(value)],
        timestamps: monthly ? [.. Enumerable.Range(0, count).Select(i => new DateTime(2000, 1, 1).AddMonths(i))] : null);

    /// <summary>An autoregression about 10 with steps from a small generator, so that every row differs.</summary>
    internal static TimeSeries Noisy(int count, int seed)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        float deviation = 0;
        for (int i = 0; i < count; i++)
        {
            deviation = 0.6f * deviation + (float)(random.NextDouble() + random.NextDouble() - 1);
            values[i] = 10 + deviation;
        }
        return new TimeSeries("y", values);
    }

    private static TimeSeries Products(int count, bool dated = false)
    {
        var random = new Random(5);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            float sign = i < 2 ? 1 : Math.Sign(values[i - 1]) * Math.Sign(values[i - 2]);
            // One row in ten breaks the rule, so that the series does not repeat.
            values[i] = (random.Next(10) == 0 ? -sign : sign) * (0.9f + 0.2f * (float)random.NextDouble());
        }
        return new TimeSeries("y", values, timestamps: dated ? [.. Enumerable.Range(0, count).Select(i => new DateTime(2020, 1, 1).AddDays(i))] : null);
    }

    private static TimeSeries WithColumns(TimeSeries series, int futureRows) => series.WithCovariates(
    [
        new Covariate("plan", [.. Enumerable.Range(0, series.Count + futureRows).Select(i => (float)Math.Sin(0.9 * i))], knownInFuture: true),
        new Covariate("side", [.. Enumerable.Range(0, series.Count).Select(i => (float)Math.Cos(1.3 * i))]),
    ]);

    private static TimeSeries Planned(int count, int futureRows)
    {
        var random = new Random(8);
        float[] plan = [.. Enumerable.Range(0, count + 3).Select(_ => (float)random.NextDouble())];
        (plan[count], plan[count + 1], plan[count + 2]) = (0.1f, 0.9f, 0.4f);
        float[] side = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
        return new TimeSeries("y", [.. Enumerable.Range(0, count).Select(i => 4 * plan[i] + (i == 0 ? 0 : 0.1f * side[i - 1]))],
            [new Covariate("plan", plan.AsSpan(0, count + futureRows), knownInFuture: true), new Covariate("side", side)]);
    }

    private sealed class Steps(Action action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action();
    }
}
