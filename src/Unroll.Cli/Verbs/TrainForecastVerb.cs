using System.CommandLine;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train forecast FILE</c>: a forecaster from the series of a CSV file.</summary>
internal sealed class TrainForecastVerb : Verb
{
    private readonly SeriesArguments _series = new(testMayBeNone: true);
    private readonly Option<string?> _cell = Word("--cell", "The recurrent cell. Default lstm.", "lstm", "gru", "rnn");
    private readonly Option<int?> _units = Whole("--units", "The width of each recurrent layer. Default 32.", 1, 65536);
    private readonly Option<int?> _layers = Whole("--layers", "How many recurrent layers lie on one another. Default 1.", 1, 100);
    private readonly Option<int?> _epochs = Whole("--epochs", "The most epochs. With 0 the forecaster is the ridge regression. Default 100.", 0);
    private readonly Option<int?> _patience = Whole("--patience", "Epochs without a better validation error after which training ends. Default 10.", 1);
    private readonly Option<int?> _seed = Whole("--seed", "The seed of initial weights and shuffling: equal seeds give equal models. Default 0.", 0);
    private readonly Option<string?> _out = new("--out") { Description = "The run folder. Default runs/FILE, with a number behind it where that is taken. An earlier run in the folder named is replaced.", HelpName = "FOLDER" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Goes on from the run folder's checkpoint, to the same bits as if never stopped." };
    private readonly Option<int?> _checkpointEvery = Whole("--checkpoint-every", "Writes the checkpoint also after every N steps, besides the end of each epoch.", 1);
    private readonly Screen _screen;

    public TrainForecastVerb(Screen screen) : base("forecast", "Trains a forecaster on the series of a CSV file.")
    {
        _screen = screen;
        _series.AddTo(this);
        foreach (Option option in new Option[] { _cell, _units, _layers, _epochs, _patience, _seed, _out, _resume, _checkpointEvery })
            Add(option);
        Remarks =
        [
            "The run folder gets model.safetensors, configuration.json, metrics.jsonl (a line an epoch), checkpoint.safetensors and report.html. Scores stand beside the naive, the seasonal naive and a ridge regression's on the same points. What is not given is chosen on the last rows of the training part. Ctrl-C ends the run with its checkpoint; the same command with --resume goes on.",
        ];
        Examples =
        [
            ("unroll train forecast sales.csv --target amount --horizon 28", "forecasts four weeks of a daily column; the run goes to runs/sales"),
            ("unroll train forecast sales.csv --target amount --horizon 28 --covariates price,promotion --series-id store", "one network for the series of all stores, with two more inputs"),
            ("unroll train forecast sales.csv --target amount --horizon 28 --cell gru --units 64 --missing linear --out runs/gru", "another cell and width; gaps are filled by straight lines"),
            ("unroll train forecast sales.csv --target amount --horizon 28 --out runs/gru --resume", "goes on after Ctrl-C"),
        ];
        SetAction((result, cancel) =>
        {
            ForecastRun.Run(Job(result), _screen, cancel);
            return Task.FromResult(ExitCodes.Done);
        });
    }

    private ForecastJob Job(ParseResult result)
    {
        string path = _series.Path(result);
        bool resume = result.GetValue(_resume);
        SeriesFile file = _series.Read(result);
        ForecastOptions options = Choices(result);
        return new ForecastJob
        {
            Title = file.Columns.Target,
            Source = path,
            Series = file.Series,
            TestRows = _series.TestRows(result, file),
            Options = options,
            Folder = result.GetValue(_out) is { Length: > 0 } given ? new RunFolder(given) : RunFolder.Default(Path.GetFileNameWithoutExtension(path), resume),
            Columns = file.Columns,
            Data = file.Hash,
            Notes = file.Notes,
            Resume = resume,
            CheckpointEvery = result.GetValue(_checkpointEvery) ?? 0,
        };
    }

    private ForecastOptions Choices(ParseResult result)
    {
        var defaults = new ForecastOptions { Horizon = _series.Horizon(result) };
        return defaults with
        {
            InputLength = _series.InputLength(result),
            Cell = result.GetValue(_cell)?.ToUpperInvariant() switch { "GRU" => ForecastCell.Gru, "RNN" => ForecastCell.SimpleRnn, _ => ForecastCell.Lstm },
            Units = result.GetValue(_units) ?? defaults.Units,
            Layers = result.GetValue(_layers) ?? defaults.Layers,
            Epochs = result.GetValue(_epochs) ?? defaults.Epochs,
            Patience = result.GetValue(_patience) ?? defaults.Patience,
            Seed = (ulong)(result.GetValue(_seed) ?? 0),
        };
    }
}
