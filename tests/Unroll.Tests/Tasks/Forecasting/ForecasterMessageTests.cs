using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Forecasting;

public class ForecasterMessageTests
{
    private static readonly ForecastOptions s_options = new() { Horizon = 2, InputLength = 6, Epochs = 1, Units = 2 };

    [Fact]
    public void A_series_shorter_than_the_window_is_refused_with_the_rows_needed()
    {
        TimeSeries series = ForecasterTests.Noisy(10, 1);
        string message = Assert.Throws<ArgumentException>(() => Forecaster.Train(series, s_options)).Message;
        Assert.Contains("Series 'y': 10 rows are too few; a horizon of 2 and an input length of 6 need at least 11 rows", message, StringComparison.Ordinal);
        _ = Forecaster.Train(ForecasterTests.Noisy(11, 1), s_options);
    }

    [Fact]
    public void With_nothing_fixed_the_rows_needed_are_told_too()
    {
        string message = Assert.Throws<ArgumentException>(() => Forecaster.Train(ForecasterTests.Noisy(9, 1), new ForecastOptions { Horizon = 4, Epochs = 1 })).Message;
        Assert.Contains("9 rows are too few; a horizon of 4 needs at least 10 rows", message, StringComparison.Ordinal);
        Assert.Equal(4, Forecaster.Train(ForecasterTests.Noisy(10, 1), new ForecastOptions { Horizon = 4, Epochs = 1 }).Horizon);
    }

    [Fact]
    public void A_constant_series_is_refused_with_its_value()
    {
        var series = new TimeSeries("y", [.. Enumerable.Repeat(4.5f, 60)]);
        string message = Assert.Throws<ArgumentException>(() => Forecaster.Train(series, s_options)).Message;
        Assert.Contains("Series 'y': every training row is 4.5", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_horizon_of_0_is_refused()
    {
        string message = Assert.Throws<ArgumentException>(() => Forecaster.Train(ForecasterTests.Noisy(60, 1), s_options with { Horizon = 0 })).Message;
        Assert.Equal("ForecastOptions.Horizon: expected at least 1, received 0.", message);
    }

    [Fact]
    public void A_NaN_is_refused_with_its_row()
    {
        float[] values = ForecasterTests.Noisy(60, 1).Values.ToArray();
        values[20] = float.NaN;
        string message = Assert.Throws<ArgumentException>(() => Forecaster.Train(new TimeSeries("y", values), s_options)).Message;
        Assert.Contains("21", message, StringComparison.Ordinal);
        Assert.Contains("'y'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_option_out_of_range_is_named()
    {
        TimeSeries series = ForecasterTests.Noisy(60, 1);
        (ForecastOptions Options, string Message)[] cases =
        [
            (s_options with { InputLength = 0 }, "InputLength: expected at least 1, received 0"),
            (s_options with { Season = 0 }, "Season: expected at least 1, received 0"),
            (s_options with { Units = 0 }, "Units: expected at least 1, received 0"),
            (s_options with { Layers = 0 }, "Layers: expected at least 1, received 0"),
            (s_options with { Dropout = 1.5f }, "Dropout: expected a share in [0, 1), received 1.5"),
            (s_options with { LearningRate = 0 }, "LearningRate: expected a number above 0, received 0"),
            (s_options with { Epochs = -1 }, "Epochs: expected at least 0, received -1"),
            (s_options with { BatchSize = 0 }, "BatchSize: expected at least 1, received 0"),
            (s_options with { Patience = 0 }, "Patience: expected at least 1, received 0"),
            (s_options with { ValidationFraction = 1 }, "ValidationFraction: expected a share in (0, 1), received 1"),
            (s_options with { Quantiles = [0.5, 0.1] }, "Quantiles: expected increasing numbers in (0, 1), received 0.1"),
            (s_options with { Cell = (ForecastCell)9 }, "Cell: expected a known cell, received 9"),
        ];
        foreach ((ForecastOptions options, string expected) in cases)
            Assert.Contains("ForecastOptions." + expected, Assert.Throws<ArgumentException>(() => Forecaster.Train(series, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logarithms_of_values_not_above_0_are_refused_in_training_and_later()
    {
        TimeSeries negative = ForecasterTests.Series(60, i => i % 7 - 3f), positive = ForecasterTests.Series(60, i => i % 7 + 1f);
        Assert.Contains("which have no logarithm", Assert.Throws<ArgumentException>(() => Forecaster.Train(negative, s_options with { Logarithm = true })).Message, StringComparison.Ordinal);
        Forecaster forecaster = Forecaster.Train(positive, s_options with { Logarithm = true });
        Assert.Contains("row 1 is -3", Assert.Throws<ArgumentException>(() => forecaster.Predict(negative)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_columns_than_trained_with_and_too_few_rows_are_refused()
    {
        TimeSeries series = ForecasterTests.Noisy(60, 1);
        Forecaster forecaster = Forecaster.Train(series, s_options);
        TimeSeries more = series.WithCovariates([new Covariate("price", new float[60])]);
        Assert.Contains("expected the columns trained with, none, found 'price'", Assert.Throws<ArgumentException>(() => forecaster.Predict(more)).Message, StringComparison.Ordinal);
        Assert.Contains("reads the last 6 rows, the series has 5", Assert.Throws<ArgumentException>(() => forecaster.Predict(series.Slice(0, 5))).Message, StringComparison.Ordinal);
        Assert.Contains("other columns than series 'y'", Assert.Throws<ArgumentException>(() => Forecaster.Train([series, more], s_options)).Message, StringComparison.Ordinal);
        Assert.Contains("at least one series", Assert.Throws<ArgumentException>(() => Forecaster.Train(Array.Empty<TimeSeries>(), s_options)).Message, StringComparison.Ordinal);
    }
}
