using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Cli.Demo;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Cli.Forecasting;

public class ForecastCommandTests(AirlineRun run) : IClassFixture<AirlineRun>
{
    private static TimeSeries Airline => new("passengers", AirlinePassengers.Values, timestamps: AirlinePassengers.Dates());

    private static Forecaster Trained() => Forecaster.Train(Airline.Slice(0, 120),
        new ForecastOptions { Horizon = 6, Cell = ForecastCell.Gru, Units = 8, Epochs = 3, Seed = 5 });

    [Fact]
    public void Training_writes_its_run_folder()
    {
        Assert.Equal(0, run.Outcome.ExitCode);
        Assert.Equal(["checkpoint.safetensors", "checkpoint.safetensors.all", "configuration.json", "metrics.jsonl", "model.safetensors", "report.html"],
            Directory.GetFiles(run.Folder).Select(Path.GetFileName).Where(name => name != "checkpoint.safetensors.all").Append("checkpoint.safetensors.all").Order(StringComparer.Ordinal));
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder, "configuration.json")))!;
        Assert.Equal("passengers", (string?)configuration["columns"]!["target"]);
        Assert.Equal("month", (string?)configuration["columns"]!["date"]);
        Assert.Equal(24, (int)configuration["test_rows"]![0]!);
        Assert.Equal("Gru", (string?)configuration["options"]!["cell"]);
        JsonNode[] epochs = [.. File.ReadAllLines(Path.Combine(run.Folder, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal([1, 2, 3], epochs.Select(epoch => (int)epoch["epoch"]!));
        Assert.All(epochs, epoch => Assert.True((double)epoch["loss"]! > 0 && (double)epoch["val_loss"]! > 0));
    }

    [Fact]
    public void The_scores_printed_are_the_librarys_on_the_rows_held_out()
    {
        ForecastEvaluation evaluation = Trained().Evaluate(Airline, 120);
        Assert.Equal(19, evaluation.Windows); // 24 rows, 6 at a time
        foreach (ForecastScore score in evaluation.Scores)
        {
            string line = Assert.Single(run.Outcome.Output.Split('\n'), line => line.StartsWith(score.Name + " ", StringComparison.Ordinal));
            Assert.Contains(score.RootMeanSquaredError.ToString("0.000", CultureInfo.InvariantCulture), line, StringComparison.Ordinal);
            Assert.Contains(score.MeanAbsoluteError.ToString("0.000", CultureInfo.InvariantCulture), line, StringComparison.Ordinal);
        }
        Assert.Equal(["network", "ridge", "seasonal naive (12)", "naive"], evaluation.Scores.Select(score => score.Name));
        Assert.Contains("On 19 forecasts of 6 rows each that training did not see", run.Outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_repeats_the_scores_of_the_training()
    {
        ProcessOutcome outcome = ProcessRunner.Unroll("evaluate", run.Folder, run.Csv);
        Assert.Equal(0, outcome.ExitCode);
        string[] Table(string output) => [.. output.Split('\n').SkipWhile(line => !line.StartsWith("forecaster ", StringComparison.Ordinal)).Take(5)];
        Assert.Equal(Table(run.Outcome.Output), Table(outcome.Output));
        Assert.Contains("on the rows held out in training", outcome.Output, StringComparison.Ordinal);
        string last = ProcessRunner.Unroll("evaluate", run.Model, run.Csv, "--test", "8").Output;
        Assert.Contains("On 3 forecasts of 6 rows each, at the end of the file", last, StringComparison.Ordinal);
        Assert.NotEqual(Table(outcome.Output), Table(last));
    }

    [Fact]
    public void Predict_writes_the_librarys_forecast_with_dates()
    {
        Forecast expected = Trained().Predict(Airline);
        string path = Path.Combine(run.Root, "forecast.csv");
        ProcessOutcome outcome = ProcessRunner.Unroll("predict", run.Model, run.Csv, "--out", path);
        Assert.Equal(new ProcessOutcome(0, $"Wrote {path}: 6 rows.\n", ""), outcome);
        string[][] rows = [.. File.ReadAllLines(path).Select(line => line.Split(','))];
        Assert.Equal(["month", "mean", "q0.1", "q0.5", "q0.9"], rows[0]);
        Assert.Equal(["1961-01-01", "1961-02-01", "1961-03-01", "1961-04-01", "1961-05-01", "1961-06-01"], rows[1..].Select(row => row[0]));
        float[] Column(int c) => [.. rows[1..].Select(row => float.Parse(row[c], CultureInfo.InvariantCulture))];
        Assert.Equal(expected.Mean, Column(1));
        Assert.Equal(expected.Quantile(0.1), Column(2));
        Assert.Equal(expected.Quantile(0.9), Column(4));

        ProcessOutcome shown = ProcessRunner.Unroll("predict", run.Folder, run.Csv);
        Assert.Contains($"1961-06-01  {expected.Mean[5].ToString("0.000", CultureInfo.InvariantCulture)}", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_with_data_shows_how_far_back_the_gradient_reaches()
    {
        using var file = new TemporaryFile("", ".html");
        string report = file.Path;
        ProcessOutcome outcome = ProcessRunner.Unroll("inspect", run.Model, run.Csv, "--windows", "3", "--report", report);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"recurrent/gru: ‖∂L/∂h‖ \d\.\de[+-]\d+ at the first step, \d\.\de[+-]\d+ at the last of (\d+); a hundredth of the gradient reaches back \d+ of \d+ steps\n", outcome.Output);
        Assert.EndsWith($"{report} written\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("<h2>Gradients through time</h2>", File.ReadAllText(report), StringComparison.Ordinal);
        Assert.Contains("<h2>Gradients through time</h2>", File.ReadAllText(Path.Combine(run.Folder, "report.html")), StringComparison.Ordinal);

        ProcessOutcome without = ProcessRunner.Unroll("inspect", run.Model, "--windows", "3");
        Assert.Equal(2, without.ExitCode);
        Assert.StartsWith("error: --windows needs DATA, a CSV file with the columns that the model was trained with.\n", without.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_shows_layers_tensors_and_metadata()
    {
        ProcessOutcome outcome = ProcessRunner.Unroll("inspect", run.Model);
        Assert.Equal(0, outcome.ExitCode);
        long parameters = Trained().Model.CountParameters();
        Assert.Contains($"Total params: {parameters.ToString("#,0", CultureInfo.InvariantCulture)} ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("gru/recurrent_kernel", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("[8, 24]", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("format: unroll-model", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Forecaster of 'passengers': reads ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("target: passengers", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("seed: 5", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"Memory to train, {MemoryPlan.ForTraining(Trained().Model, 64, 100)}\n", outcome.Output, StringComparison.Ordinal);
        string other = ProcessRunner.Unroll("inspect", run.Model, "--batch", "7", "--steps", "9").Output;
        Assert.Contains($"Memory to predict, {MemoryPlan.ForInference(Trained().Model, 7, 9)}\n", other, StringComparison.Ordinal);
        string checkpoint = ProcessRunner.Unroll("inspect", Path.Combine(run.Folder, "checkpoint.safetensors")).Output;
        Assert.StartsWith("Format unroll-checkpoint: tensors and metadata alone.", checkpoint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_has_scores_forecasts_and_the_training_curve()
    {
        string report = File.ReadAllText(Path.Combine(run.Folder, "report.html"));
        Assert.Contains("<title>Forecast of passengers</title>", report, StringComparison.Ordinal);
        Assert.Contains("seasonal naive (12)", report, StringComparison.Ordinal);
        Assert.Contains("quantiles 0.1 to 0.9", report, StringComparison.Ordinal);
        Assert.Contains("Loss by epoch", report, StringComparison.Ordinal);
        Assert.Equal(5, report.Split("<svg").Length - 1);
        double rmse = Trained().Evaluate(Airline, 120).Network.RootMeanSquaredError;
        Assert.Contains($">{rmse.ToString("0.000", CultureInfo.InvariantCulture)}<", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_gives_the_same_bytes_and_another_seed_does_not()
    {
        string[] common = ["train", "forecast", run.Csv, "--target", "passengers", "--horizon", "6", "--test", "24", "--cell", "gru", "--units", "8", "--epochs", "3"];
        string again = Path.Combine(run.Root, "again"), other = Path.Combine(run.Root, "other");
        Assert.Equal(0, ProcessRunner.Unroll([.. common, "--seed", "5", "--out", again]).ExitCode);
        Assert.Equal(File.ReadAllBytes(run.Model), File.ReadAllBytes(Path.Combine(again, "model.safetensors")));
        Assert.Equal(0, ProcessRunner.Unroll([.. common, "--seed", "6", "--out", other]).ExitCode);
        Assert.NotEqual(File.ReadAllBytes(run.Model), File.ReadAllBytes(Path.Combine(other, "model.safetensors")));
    }

    [Fact]
    public void Several_series_with_covariates_and_gaps_are_trained_together()
    {
        using var folder = new TemporaryFolder();
        var text = new System.Text.StringBuilder("day,shop,price,sold\n");
        for (int t = 0; t < 60; t++)
            foreach ((string shop, int level) in new[] { ("north", 20), ("south", 300) })
                text.Append(CultureInfo.InvariantCulture, $"{new DateTime(2024, 1, 1).AddDays(t):yyyy-MM-dd},{shop},{t * 7 % 5},{(t == 9 ? "" : level + 5 * (t % 7) + t * 13 % 4)}\n");
        string csv = folder.Write("shops.csv", text.ToString()), forecast = folder["forecast.csv"];
        string[] arguments = ["train", "forecast", csv, "--target", "sold", "--horizon", "3", "--covariates", "price", "--series-id", "shop",
            "--epochs", "2", "--units", "4", "--out", folder["run"]];
        ProcessOutcome refused = ProcessRunner.Unroll(arguments);
        Assert.Equal((1, $"error: {csv}, line 20, column 'sold': expected a number, found an empty cell. Fill the cell in, or choose how missing values are treated.\n"), (refused.ExitCode, refused.Error));
        ProcessOutcome trained = ProcessRunner.Unroll([.. arguments, "--missing", "linear"]);
        Assert.Equal((0, true), (trained.ExitCode, trained.Output.Contains("Column 'sold' has 2 missing values (lines 20, 21).", StringComparison.Ordinal)));
        Assert.Equal(0, ProcessRunner.Unroll("predict", folder["run"], csv, "--out", forecast).ExitCode);
        string[][] rows = [.. File.ReadAllLines(forecast).Select(line => line.Split(','))];
        Assert.Equal(["shop", "day", "mean", "q0.1", "q0.5", "q0.9"], rows[0]);
        Assert.Equal(["north 2024-03-01", "north 2024-03-02", "north 2024-03-03", "south 2024-03-01", "south 2024-03-02", "south 2024-03-03"], rows[1..].Select(row => $"{row[0]} {row[1]}"));
        Assert.All(rows[1..], row => Assert.InRange(float.Parse(row[2], CultureInfo.InvariantCulture), row[0] == "north" ? 0 : 250, row[0] == "north" ? 100 : 400));
    }
}
