using Unroll.Basics;
using Unroll.Cli.Forecasting;
using Unroll.Data;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Tasks;
using Unroll.Tensors;

namespace Unroll.Cli.Comparison;

/// <summary>
/// The task of forecasting a file's series: the windows that a <see cref="Forecaster"/> chooses, without its linear branch, so that the networks
/// show what they can do themselves.
/// </summary>
internal static class ForecastComparison
{
    /// <summary>The task, and what simpler forecasters reach on the same points.</summary>
    /// <param name="file">The series.</param>
    /// <param name="testRows">How many rows of each are held out.</param>
    /// <param name="horizon">How many rows are forecast.</param>
    /// <param name="inputLength">How many are read; null to choose.</param>
    /// <param name="cancel">Ends the choosing.</param>
    /// <exception cref="InputException">A series that cannot be learnt from.</exception>
    public static (ComparisonTask Task, string Note) Of(SeriesFile file, int[] testRows, int horizon, int? inputLength, CancellationToken cancel)
    {
        TimeSeries[] training = [.. file.Series.Zip(testRows, (series, rows) => series.Slice(0, series.Count - rows))];
        var options = new ForecastOptions { Horizon = horizon, InputLength = inputLength, Epochs = 0, RefitOnAll = false };
        try
        {
            var rows = new ForecastRows(training, options);
            Forecaster regression = Forecaster.Train(training, options, cancellation: cancel);
            ForecastPlan plan = regression.Plan;
            PreparedSeries[] prepared = [.. training.Select(series => new PreparedSeries(series, plan))];
            var test = new ForecastWindows(plan, [.. file.Series.Select(series => new PreparedSeries(series, plan))]);
            for (int s = 0; s < file.Series.Count; s++) test.AddRange(s, file.Series[s].Count - testRows[s], file.Series[s].Count);
            ForecastEvaluation evaluation = regression.Evaluate([.. file.Series.Zip(testRows, (series, held) => (series, series.Count - held))], cancel);
            return (new ComparisonTask
            {
                InputShape = new Shape(Shape.Unknown, plan.Steps, plan.Features),
                Train = rows.Training(plan, prepared).ToDataset(),
                Validation = rows.Validation(plan, prepared).ToDataset(),
                Test = test.ToDataset(),
                Head = () => new Dense(horizon),
                Loss = Loss.MeanSquaredError(),
                QualityName = "MAE",
                HigherIsBetter = false,
                Quality = (network, data, stop) => MeanAbsoluteError(network, data, test, stop),
            }, $"Beside them on the same {Figures.Count(evaluation.Windows, "forecast")} of the test: "
                + string.Join(", ", evaluation.Scores.Skip(1).Select(score => $"{score.Name} MAE {Figures.Number(score.MeanAbsoluteError)}")) + $". Each network {Figures.Choices(regression)}.");
        }
        catch (ArgumentException cause)
        {
            throw SeriesFile.Wrong(file.Path, cause, $" ({Figures.Count(testRows.Max(), "row")} at the end held out for the test.)");
        }
    }

    /// <summary>In the series' unit, over all rows of all forecasts.</summary>
    private static double MeanAbsoluteError(Network network, Dataset data, ForecastWindows windows, CancellationToken cancel)
    {
        Tensor answers = network.Predict(data.Inputs, cancellation: cancel);
        float[] outputs = answers.ToArray();
        int horizon = windows.Plan.Horizon;
        double sum = 0;
        for (int n = 0; n < windows.Count; n++)
        {
            (PreparedSeries series, _, int origin) = windows[n];
            for (int h = 0; h < horizon; h++) sum += Math.Abs(series.Series.Values[origin + h] - (double)windows.ToUnit(n, outputs[n * horizon + h]));
        }
        return sum / outputs.Length;
    }
}
