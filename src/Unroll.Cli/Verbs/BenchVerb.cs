using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Cli.Terminal;
using Unroll.Kernels.Simd;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll bench</c>: times recurrent layers, forward and training, beside the processor's measured peak.</summary>
internal sealed class BenchVerb : Verb
{
    private readonly Option<string?> _shapes = new("--shapes") { Description = "A JSON list of the shapes to time. Default: the list that the program carries.", HelpName = "FILE" };
    private readonly Option<int?> _threads = Whole("--threads", "On how many threads the layers compute and the peak is measured. Default 1.", 1, Threads.Limit);
    private readonly Option<string?> _json = new("--json") { Description = "Writes the results to this file as JSON.", HelpName = "FILE" };
    private readonly Option<string?> _only = new("--only") { Description = "Times the shape of this name alone.", HelpName = "NAME" };
    private readonly Option<double?> _seconds = Seconds(1);
    private readonly Screen _screen;

    public BenchVerb(Screen screen) : base("bench", "Times recurrent layers beside the processor's measured peak.")
    {
        _screen = screen;
        Add(new BenchLanguageModelVerb(screen));
        Add(new BenchGrowthVerb(screen));
        foreach (Option option in new Option[] { _shapes, _threads, _json, _only, _seconds }) Add(option);
        Remarks =
        [
            "forward: from a dense [batch, time, inputs] tensor to every step's output. train: forward, then the gradients of every weight and of the input, without an optimiser. Figures are medians after warm-up; a shape of one step has no training figure; its last column is the time that reading its weights alone takes. Percentages count the arithmetic that cannot be left out, of the peak that a loop of fused multiply-adds reaches in the same run.",
        ];
        Examples =
        [
            ("unroll bench", "times the list that the program carries"),
            ("unroll bench --only lstm_128 --seconds 3", "times one of its shapes, longer"),
            ("unroll bench --shapes mine.json --threads 2 --json out.json", "times other shapes and keeps the figures"),
        ];
        SetAction((result, cancel) => Task.FromResult(Run(
            result.GetValue(_shapes), result.GetValue(_threads) ?? 1, result.GetValue(_json), result.GetValue(_only), result.GetValue(_seconds) ?? 1, cancel)));
    }

    private int Run(string? file, int threads, string? json, string? only, double seconds, CancellationToken cancel)
    {
        IReadOnlyList<BenchShape> shapes = file is null ? ShapeList.Embedded() : ShapeList.Read(file);
        if (only is not null)
        {
            string[] names = [.. shapes.Select(shape => shape.Name)];
            shapes = [.. shapes.Where(shape => shape.Name == only)];
            if (shapes.Count == 0) throw new InputException($"no shape '{only}'. The shapes are {string.Join(", ", names)}.");
        }
        OutputFile.RequireFolder("--json", json);

        Threads.Count = threads;
        double peak = PeakMeter.Measure(threads, cancel);
        var results = new List<BenchResult>();
        ProgressDisplay.Run(_screen, "timing", shapes.Count, "shapes", progress =>
        {
            foreach (BenchShape shape in shapes)
            {
                progress.Report(new ProgressStep(results.Count, shape.Name));
                results.Add(Time(shape, seconds, cancel));
            }
            progress.Report(new ProgressStep(results.Count));
            return true;
        });
        // Once more: a processor that was slow in the beginning must not make the models look fast.
        peak = Math.Max(peak, PeakMeter.Measure(threads, cancel));
        Print(results, peak, threads);
        if (json is not null) WriteJson(json, results, peak, threads);
        return ExitCodes.Done;
    }

    private static BenchResult Time(BenchShape shape, double seconds, CancellationToken cancel)
    {
        var model = new BenchModel(shape);
        BenchTiming forward = BenchTimer.Measure(model.Forward, seconds, cancel);
        BenchTiming? train = shape.Steps > 1 ? BenchTimer.Measure(model.Train, seconds, cancel) : null;
        double? read = null;
        if (shape.IsStream)
        {
            var reading = new WeightReading(model.Parameters.Where(parameter => parameter.Shape.Rank == 2).Sum(parameter => (long)parameter.Count), shape.Weights);
            read = BenchTimer.Measure(() => reading.Read(), seconds, cancel).Milliseconds;
        }
        return new BenchResult(shape, forward.Milliseconds, train?.Milliseconds, Math.Max(forward.AllocatedBytes, train?.AllocatedBytes ?? 0), read);
    }

    private void Print(List<BenchResult> results, double peak, int threads)
    {
        var table = new TerminalTable("shape", "forward ms", "train ms", "forward % of peak", "train % of peak", "bytes/step", "read ms");
        foreach (BenchResult result in results)
        {
            table.AddRow(result.Shape.Name, Time(result.ForwardMilliseconds), Time(result.TrainMilliseconds), Percent(result.ForwardPercent(peak)),
                Percent(result.TrainPercent(peak)), result.AllocatedBytes.ToString(CultureInfo.InvariantCulture), Time(result.ReadMilliseconds));
        }
        table.WriteTo(_screen);
        _screen.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"peak {peak * 1e-9:0.0} GFLOP/s on {threads} thread{(threads == 1 ? "" : "s")}, vectors of {SimdWidth.Current} bits"));
    }

    private static string Time(double? milliseconds) => milliseconds is double value ? value.ToString(value < 0.1 ? "0.00000" : value < 1 ? "0.0000" : "0.000", CultureInfo.InvariantCulture) : "-";

    private static string Percent(double? percent) => percent is double value ? value.ToString("0.0", CultureInfo.InvariantCulture) : "-";

    private static void WriteJson(string path, List<BenchResult> results, double peak, int threads) =>
        Files.AtomicFile.WriteText(path, BenchResult.ToJson(results, peak, threads, SimdWidth.Current).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
}
