using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Cli.Bench.Growth;
using Unroll.Cli.Terminal;
using Unroll.Files;
using Unroll.Kernels.Simd;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll bench growth</c>: time and memory against steps, units and batch.</summary>
internal sealed class BenchGrowthVerb : Verb
{
    private const double DefaultSeconds = 0.3;

    private readonly Option<string> _out = new("--out") { Description = "The Markdown file with the tables; the charts go to a file of the same name that ends in .svg.", HelpName = "FILE", Required = true };
    private readonly Option<int?> _threads = Whole("--threads", "On how many threads the layers compute. Default: the number of processors.", 1, Threads.Limit);
    private readonly Option<double?> _seconds = Seconds(DefaultSeconds);
    private readonly Screen _screen;

    public BenchGrowthVerb(Screen screen) : base("growth", "Measures how time and memory grow with steps, units and batch.")
    {
        _screen = screen;
        foreach (Option option in new Option[] { _out, _threads, _seconds }) Add(option);
        Examples = [("unroll bench growth --out growth.md", "takes about three minutes; writes growth.md and growth.svg")];
        SetAction((result, cancel) => Task.FromResult(Run(result.GetRequiredValue(_out), result.GetValue(_threads) ?? Threads.Count, result.GetValue(_seconds) ?? DefaultSeconds, cancel)));
    }

    private int Run(string path, int threads, double seconds, CancellationToken cancel)
    {
        OutputFile.RequireFolder("--out", path);
        Threads.Count = threads;
        int total = GrowthSweep.All.Sum(sweep => sweep.Shapes.Count), done = 0;
        var report = new GrowthReport(ProgressDisplay.Run(_screen, "measuring", total, "models", progress =>
        {
            var sweeps = new List<(GrowthSweep, IReadOnlyList<GrowthPoint>)>();
            foreach (GrowthSweep sweep in GrowthSweep.All)
            {
                var points = new List<GrowthPoint>();
                foreach (BenchShape shape in sweep.Shapes)
                {
                    points.Add(GrowthPoint.Measure(shape, seconds, cancel));
                    GC.Collect(); // the model before holds up to a gigabyte outside the managed heap
                    progress.Report(new ProgressStep(++done, shape.Name));
                }
                sweeps.Add((sweep, points));
            }
            return sweeps;
        }));
        string picture = Path.ChangeExtension(path, ".svg");
        string facts = string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}, {RuntimeInformation.ProcessArchitecture}, {threads} thread{(threads == 1 ? "" : "s")}, vectors of {SimdWidth.Current} bits:\n`unroll bench growth --out {Path.GetFileName(path)} --threads {threads} --seconds {seconds}`.\n[How that is measured](../README.md).");
        AtomicFile.WriteText(picture, report.Svg());
        AtomicFile.WriteText(path, report.Markdown("How the cost grows", facts, Path.GetFileName(picture)));
        _screen.Output.WriteLine($"{path} and {picture} written");
        return ExitCodes.Done;
    }
}
