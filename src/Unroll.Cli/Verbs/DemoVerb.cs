using System.CommandLine;
using System.Globalization;
using System.Text;
using Unroll.Cli.Demo;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll demo</c>: the main job on two embedded series.</summary>
internal sealed class DemoVerb : Verb
{
    private const int Hours = 1344; // eight weeks

    private readonly Option<string?> _out = new("--out") { Description = "Where the two run folders go. Default unroll-demo.", HelpName = "FOLDER" };
    private readonly Screen _screen;

    public DemoVerb(Screen screen) : base("demo", "Trains forecasters on two embedded series, in under a minute.")
    {
        _screen = screen;
        Add(_out);
        Remarks =
        [
            "The first series is the monthly number of airline passengers from 1949 to 1960 (Box and Jenkins 1976), forecast a year ahead; the last three years are held out. The second comes from a generator with known parts: a trend, a daily and a weekly wave, and noise that remembers; a day is forecast and the last fifth held out. Each gets a run folder with its data as a CSV file, the model and a report.",
        ];
        Examples = [("unroll demo", "writes unroll-demo/airline and unroll-demo/generated"), ("unroll demo --out /tmp/demo", "writes elsewhere")];
        SetAction((result, cancel) =>
        {
            Run(result.GetValue(_out) is { Length: > 0 } given ? given : "unroll-demo", cancel);
            return Task.FromResult(ExitCodes.Done);
        });
    }

    private void Run(string folder, CancellationToken cancel)
    {
        var airline = new RunFolder(Path.Combine(folder, "airline"));
        _screen.Output.WriteLine("Airline passengers, monthly, in thousands (Box and Jenkins 1976): a year ahead, the last three years held out.");
        Train(airline, "month", "passengers", AirlinePassengers.Dates(), AirlinePassengers.Values, 36,
            new ForecastOptions { Horizon = 12, Epochs = 100 }, cancel);

        var generated = new RunFolder(Path.Combine(folder, "generated"));
        _screen.Output.WriteLine("\nA generated hourly series (trend, daily and weekly wave, noise of 3.0): a day ahead, the last fifth held out.");
        Train(generated, "hour", "value", GeneratedSeries.Dates(Hours), GeneratedSeries.Create(Hours, seed: 1), Hours / 5,
            new ForecastOptions { Horizon = 24, Epochs = 20, Patience = 4 }, cancel);

        _screen.Output.WriteLine($"\nOpen {airline.Report} and {generated.Report} in a browser. Then go on with your own data, or with these:");
        _screen.Output.WriteLine("(from a clone, 'dotnet run -c Release --project src/Unroll.Cli --' stands for 'unroll')");
        _screen.Output.WriteLine($"  unroll predict {airline.Path} {Csv(airline)}");
        _screen.Output.WriteLine($"  unroll inspect {airline.Path}");
        _screen.Output.WriteLine($"  unroll train forecast {Csv(airline)} --target passengers --horizon 12");
    }

    private void Train(RunFolder folder, string date, string target, DateTime[] dates, float[] values, int test, ForecastOptions options, CancellationToken cancel)
    {
        var job = new ForecastJob
        {
            Title = target,
            Source = "the embedded series",
            Series = [new TimeSeries(target, values, timestamps: dates)],
            TestRows = [test],
            Options = options,
            Folder = folder,
            Columns = new SeriesColumns { Target = target, Date = date },
            Data = "",
        };
        // The folder first: whether it can be written shows before anything is trained.
        folder.Begin(job.Configuration(), resume: false);
        string csv = Csv(folder);
        WriteCsv(csv, date, target, dates, values);
        SeriesFile file = SeriesFile.Read(csv, job.Columns);
        ForecastRun.Run(job with { Series = file.Series, Source = csv, Columns = file.Columns, Data = file.Hash }, _screen, cancel);
    }

    private static string Csv(RunFolder folder) => Path.Combine(folder.Path, "data.csv");

    private static void WriteCsv(string path, string date, string target, DateTime[] dates, float[] values)
    {
        bool withTime = dates.Any(time => time.TimeOfDay != TimeSpan.Zero);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{date},{target}\n");
        for (int i = 0; i < values.Length; i++) text.Append(CultureInfo.InvariantCulture, $"{Figures.Date(dates[i], withTime)},{values[i]}\n");
        AtomicFile.WriteText(path, text.ToString());
    }
}
