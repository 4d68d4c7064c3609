using System.CommandLine;
using System.Globalization;
using System.Text;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Terminal;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll predict MODEL FILE</c>: the rows behind the end of a file's series.</summary>
internal sealed class PredictVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A model file, or the run folder that it is in." };
    private readonly Argument<string> _file = new("FILE") { Description = "A CSV file with the columns that the model was trained with." };
    private readonly Option<string?> _out = new("--out") { Description = "Writes the forecast to this CSV file instead of the screen.", HelpName = "FILE" };
    private readonly Screen _screen;

    public PredictVerb(Screen screen) : base("predict", "Forecasts the rows behind the end of a CSV file's series.")
    {
        _screen = screen;
        Add(_model);
        Add(_file);
        Add(_out);
        Remarks = ["Each forecast row has its date (or its number behind the end, 1 first), the mean and the quantiles."];
        Examples =
        [
            ("unroll predict runs/sales sales.csv", "shows the forecast"),
            ("unroll predict runs/sales/model.safetensors sales.csv --out forecast.csv", "writes it to a file"),
        ];
        SetAction(result =>
        {
            Run(result.GetRequiredValue(_model), result.GetRequiredValue(_file), result.GetValue(_out));
            return ExitCodes.Done;
        });
    }

    private void Run(string modelPath, string path, string? destination)
    {
        TrainedForecaster model = TrainedForecaster.Open(modelPath);
        SeriesFile file = SeriesFile.ReadFor(path, model.Columns, model.Path);
        IReadOnlyList<Forecast> forecasts;
        try
        {
            forecasts = model.Forecaster.Predict(file.Series);
        }
        catch (ArgumentException cause)
        {
            throw SeriesFile.Wrong(path, cause);
        }
        (string[] header, List<string[]> rows) = Table(model, file, forecasts, exact: destination is not null);
        if (destination is not null)
        {
            var text = new StringBuilder();
            foreach (string[] row in rows.Prepend(header)) text.AppendJoin(',', row.Select(Cell)).Append('\n');
            AtomicFile.WriteText(destination, text.ToString());
            _screen.Output.WriteLine($"Wrote {destination}: {Figures.Count(rows.Count, "row")}.");
            return;
        }
        var table = new TerminalTable(header);
        foreach (string[] row in rows) table.AddRow(row);
        table.WriteTo(_screen);
    }

    private static (string[] Header, List<string[]> Rows) Table(TrainedForecaster model, SeriesFile file, IReadOnlyList<Forecast> forecasts, bool exact)
    {
        bool named = model.Columns.SeriesId is not null, dated = forecasts.All(forecast => forecast.Timestamps is not null);
        string Number(float value) => exact ? value.ToString(CultureInfo.InvariantCulture) : Figures.Number(value);
        IReadOnlyList<double> levels = model.Forecaster.Quantiles;
        string[] header =
        [
            .. named ? [model.Columns.SeriesId!] : Array.Empty<string>(), dated ? model.Columns.Date ?? "date" : "step", "mean",
            .. levels.Select(level => string.Create(CultureInfo.InvariantCulture, $"q{level:0.###}")),
        ];
        var rows = new List<string[]>();
        for (int s = 0; s < forecasts.Count; s++)
        {
            Forecast forecast = forecasts[s];
            TimeSeries series = file.Series[s];
            bool withTime = series.Timestamps is { } known && known.Concat(forecast.Timestamps ?? []).Any(time => time.TimeOfDay != TimeSpan.Zero);
            for (int h = 0; h < forecast.Horizon; h++)
            {
                string when = dated ? Figures.Date(forecast.Timestamps![h], withTime) : (h + 1).ToString(CultureInfo.InvariantCulture);
                rows.Add([.. named ? [series.Name] : Array.Empty<string>(), when, Number(forecast.Mean[h]), .. levels.Select(level => Number(forecast.Quantile(level)[h]))]);
            }
        }
        return (header, rows);
    }

    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
