using System.CommandLine;
using System.Globalization;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train forecast FILE</c>: a forecaster from the series of a CSV file.</summary>
internal sealed class TrainForecastVerb : Verb
{
    private readonly Argument<string> _file = new("FILE") { Description = "A CSV file with a header line, one row a time step, earliest first." };
    private readonly Option<string> _target = new("--target") { Description = "The column to forecast.", Required = true, HelpName = "NAME" };
    private readonly Option<int?> _horizon = Whole("--horizon", "How many rows ahead are forecast.", 1);
    private readonly Option<string?> _date = new("--date") { Description = "The column of dates. Default: the first column whose cells are dates, if there is one.", HelpName = "NAME" };
    private readonly Option<string?> _covariates = new("--covariates") { Description = "Columns that are inputs besides the target, separated by commas. Their values after the last row are not needed.", HelpName = "A,B" };
    private readonly Option<string?> _seriesId = new("--series-id") { Description = "The column that tells several series in the file apart. Default: one series.", HelpName = "NAME" };
    private readonly Option<int?> _inputLength = Whole("--input-length", "How many rows the network reads. Default: chosen on the validation rows.", 1);
    private readonly Option<string?> _cell = Word("--cell", "The recurrent cell. Default lstm.", "lstm", "gru", "rnn");
    private readonly Option<int?> _units = Whole("--units", "The width of each recurrent layer. Default 32.", 1, 65536);
    private readonly Option<int?> _layers = Whole("--layers", "How many recurrent layers lie on one another. Default 1.", 1, 100);
    private readonly Option<int?> _epochs = Whole("--epochs", "The most epochs. With 0 the forecaster is the ridge regression. Default 100.", 0);
    private readonly Option<int?> _patience = Whole("--patience", "Epochs without a better validation error after which training ends. Default 10.", 1);
    private readonly Option<int?> _seed = Whole("--seed", "The seed of initial weights and shuffling: equal seeds give equal models. Default 0.", 0);
    private readonly Option<string?> _missing = Word("--missing", "What is done with an empty cell: refuse it, or fill in the previous value, a straight line, or zero. Default refuse.", SeriesColumns.MissingWords);
    private readonly Option<string?> _test = new("--test") { Description = "Rows at each series' end that training does not see and the scores are computed on: a number, or a share such as 0.2. Default 0.2; 0 trains on all rows.", HelpName = "N" };
    private readonly Option<string?> _out = new("--out") { Description = "The run folder. Default runs/FILE, with a number behind it where that is taken. An earlier run in the folder named is replaced.", HelpName = "FOLDER" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Goes on from the run folder's checkpoint, to the same bits as if never stopped." };
    private readonly Option<int?> _checkpointEvery = Whole("--checkpoint-every", "Writes the checkpoint also after every N steps, besides the end of each epoch.", 1);
    private readonly Screen _screen;

    public TrainForecastVerb(Screen screen) : base("forecast", "Trains a forecaster on the series of a CSV file.")
    {
        _screen = screen;
        _horizon.Required = true;
        _test.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !TestSize.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--test is '{result.Tokens[0].Value}'; expected a number of rows, or a share of at least 0 and below 1.");
        });
        Add(_file);
        foreach (Option option in new Option[] { _target, _horizon, _date, _covariates, _seriesId, _inputLength, _cell, _units, _layers, _epochs, _patience, _seed, _missing, _test, _out, _resume, _checkpointEvery })
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
        string path = result.GetRequiredValue(_file);
        bool resume = result.GetValue(_resume);
        SeriesFile file = SeriesFile.Read(path, new SeriesColumns
        {
            Target = result.GetRequiredValue(_target),
            Date = result.GetValue(_date),
            Covariates = result.GetValue(_covariates)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            SeriesId = result.GetValue(_seriesId),
            Missing = SeriesColumns.Policy(result.GetValue(_missing) ?? "refuse"),
        });
        ForecastOptions options = Choices(result);
        _ = TestSize.TryParse(result.GetValue(_test) ?? "0.2", out TestSize test);
        return new ForecastJob
        {
            Title = file.Columns.Target,
            Source = path,
            Series = file.Series,
            TestRows = [.. file.Series.Select(series => TestRows(path, series, test, options.Horizon))],
            Options = options,
            Folder = result.GetValue(_out) is { Length: > 0 } given ? new RunFolder(given) : RunFolder.Default(Path.GetFileNameWithoutExtension(path), resume),
            Columns = file.Columns,
            Data = "sha256:" + file.Hash,
            Notes = file.Notes,
            Resume = resume,
            CheckpointEvery = result.GetValue(_checkpointEvery) ?? 0,
        };
    }

    private ForecastOptions Choices(ParseResult result)
    {
        var defaults = new ForecastOptions { Horizon = result.GetValue(_horizon)!.Value };
        return defaults with
        {
            InputLength = result.GetValue(_inputLength),
            Cell = result.GetValue(_cell)?.ToUpperInvariant() switch { "GRU" => ForecastCell.Gru, "RNN" => ForecastCell.SimpleRnn, _ => ForecastCell.Lstm },
            Units = result.GetValue(_units) ?? defaults.Units,
            Layers = result.GetValue(_layers) ?? defaults.Layers,
            Epochs = result.GetValue(_epochs) ?? defaults.Epochs,
            Patience = result.GetValue(_patience) ?? defaults.Patience,
            Seed = (ulong)(result.GetValue(_seed) ?? 0),
        };
    }

    private static int TestRows(string path, Data.TimeSeries series, TestSize test, int horizon)
    {
        int rows = test.Of(series.Count, horizon);
        if (rows > 0 && rows < horizon)
            throw new InputException($"{path}: --test holds out {Figures.Count(rows, "row")}; expected at least the horizon, {horizon.ToString(CultureInfo.InvariantCulture)}, or 0.");
        if (rows >= series.Count)
            throw new InputException($"{path}, series '{series.Name}': expected more rows than the {Figures.Count(rows, "row")} held out for the test, found {series.Count.ToString(CultureInfo.InvariantCulture)}. Give more rows, a smaller --test, or a shorter --horizon.");
        return rows;
    }
}
