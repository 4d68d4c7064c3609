using System.CommandLine;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Terminal;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll evaluate MODEL FILE</c>: a model's errors on a file's series, beside the baselines'.</summary>
internal sealed class EvaluateVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A model file, or the run folder that it is in." };
    private readonly Argument<string> _file = new("FILE") { Description = "A CSV file with the columns that the model was trained with." };
    private readonly Option<string?> _test = new("--test") { Description = "The rows at each series' end that are forecast: a number, or a share such as 0.2. Default: the rows held out in training where FILE is the file trained on, else all.", HelpName = "N" };
    private readonly Screen _screen;

    public EvaluateVerb(Screen screen) : base("evaluate", "Computes a model's errors on a CSV file, beside naive forecasts and ridge regression.")
    {
        _screen = screen;
        Add(_model);
        Add(_file);
        Add(_test);
        _test.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(TestSize.TryParse(result.Tokens[0].Value, out TestSize size) && (size.Rows > 0 || size.Share > 0)))
                result.AddError($"--test is '{result.Tokens[0].Value}'; expected a number of rows of at least 1, or a share above 0 and below 1.");
        });
        Remarks = ["Forecasts are made from every row of the part evaluated, each as if the later rows were not known."];
        Examples =
        [
            ("unroll evaluate runs/sales sales.csv", "repeats the scores of the training"),
            ("unroll evaluate runs/sales newer.csv --test 90", "scores the last 90 rows of another file"),
        ];
        SetAction((result, cancel) =>
        {
            Run(result.GetRequiredValue(_model), result.GetRequiredValue(_file), result.GetValue(_test), cancel);
            return Task.FromResult(ExitCodes.Done);
        });
    }

    private void Run(string modelPath, string path, string? test, CancellationToken cancel)
    {
        TrainedForecaster model = TrainedForecaster.Open(modelPath);
        SeriesFile file = SeriesFile.ReadFor(path, model.Columns, model.Path);
        (int[] from, string which) = First(model, file, test);
        ForecastEvaluation evaluation;
        try
        {
            evaluation = model.Forecaster.Evaluate([.. file.Series.Zip(from).Where(pair => pair.Second < pair.First.Count)], cancel);
        }
        catch (ArgumentException cause)
        {
            throw SeriesFile.Wrong(path, cause);
        }
        Figures.Terminal(evaluation).WriteTo(_screen);
        _screen.Output.WriteLine($"On {Figures.Count(evaluation.Windows, "forecast")} of {Figures.Count(evaluation.Horizon, "row")} each, {which}; every forecaster on the same points. {Figures.Coverage(evaluation)}".TrimEnd());
    }

    private static (int[] From, string Which) First(TrainedForecaster model, SeriesFile file, string? test)
    {
        int horizon = model.Forecaster.Horizon;
        if (test is not null && TestSize.TryParse(test, out TestSize size))
            return ([.. file.Series.Select(series => Math.Max(1, series.Count - Math.Max(horizon, size.Of(series.Count, horizon))))], "at the end of the file");
        if (model.TestRowsOf(file) is int[] rows && rows.Any(count => count > 0))
            return ([.. file.Series.Zip(rows, (series, count) => series.Count - count)], "on the rows held out in training");
        return ([.. file.Series.Select(_ => 1)], "on the whole file");
    }
}
