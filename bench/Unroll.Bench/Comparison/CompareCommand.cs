using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Cli.Bench;
using Unroll.Files;

namespace Unroll.Bench.Comparison;

/// <summary>
/// <c>bench/run</c>: Unroll and every peer that is installed, one after another and round after round, so that whatever else the
/// machine does hits all alike; then one file of results. Nothing is written before the end.
/// </summary>
internal static class CompareCommand
{
    private static readonly int[] Threads = [1, 2];

    /// <summary>Runs it; returns the exit code.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Any(argument => argument is "--help" or "-h"))
        {
            Console.WriteLine(CompareOptions.Usage);
            return 0;
        }
        (CompareOptions? options, string? error) = CompareOptions.Parse(arguments);
        if (options is null)
        {
            Console.Error.WriteLine($"error: {error}\n\n{CompareOptions.Usage}");
            return 2;
        }
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupted = Stopping(PosixSignal.SIGINT, stop), ended = Stopping(PosixSignal.SIGTERM, stop);
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("unroll-bench-");
        try
        {
            Measure(options, scratch.FullName, stop.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("error: stopped; nothing was written.");
            return 1;
        }
        catch (Exception cause) when (cause is ChildFailedException or IOException or InvalidDataException or Cli.InputException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {cause.Message}");
            return 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static void Measure(CompareOptions options, string scratch, CancellationToken cancel)
    {
        string bench = BenchFolder();
        IReadOnlyList<BenchShape> shapes = options.Shapes is null ? ShapeList.Embedded() : ShapeList.Read(options.Shapes);
        string shapesFile = options.Shapes is null ? Path.Combine(bench, "..", "src", "Unroll.Cli", "Bench", "shapes.json") : options.Shapes;
        var libraries = new Libraries(Path.Combine(bench, "peers"), scratch, shapesFile, options.Seconds);
        var processor = Processor.Detect();
        Say("looking for the peers");
        Library[] all = [libraries.Unroll(), libraries.PyTorch(cancel), libraries.OnnxRuntime(cancel), libraries.OneDnn(shapes, cancel)];
        foreach (Library library in all.Where(library => library.Absent is not null)) Say($"{library.Name} is absent: {library.Absent}");
        var run = new ComparisonRun
        {
            Processor = processor,
            Options = options,
            Shapes = shapes,
            Libraries = all,
            Results = all.Where(library => library.Absent is null).ToDictionary(library => library.Name, _ => new Merged()),
            Narrow = processor.HasAvx512 ? new Merged() : null,
            LanguageModel = options.Text is null ? null : new LanguageModelSpeeds(),
        };
        Library narrow = libraries.Unroll("256");
        string result = Path.Combine(scratch, "result.json");
        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (int threads in Threads)
            {
                foreach (Library library in all.Where(library => library.Absent is null)) Once(library, run.Results[library.Name], "", threads);
                if (run.Narrow is not null) Once(narrow, run.Narrow, ", 256 bits", threads);
                foreach (int units in run.LanguageModel is null ? [] : LanguageModelSpeeds.Widths)
                {
                    foreach (string library in LanguageModelSpeeds.Compared.Where(run.Results.ContainsKey))
                    {
                        Timed($"{library}, {Count(threads)}, language model of 2 x {units}", () => run.LanguageModel!.Measure(library, options, units, threads, result, libraries.Peers, cancel));
                    }
                }
            }

            void Once(Library library, Merged into, string note, int threads)
            {
                foreach (string setting in library.Settings(threads))
                {
                    Timed($"{library.Name}{note}, {Count(threads)}{(setting.Length == 0 ? "" : $", {setting}")}", () =>
                    {
                        ChildProcess.Run(library.Command(threads, setting, result), library.Environment(threads), cancel);
                        into.Add(threads, Measurement.Parse(File.ReadAllText(result), library.Name), setting);
                    });
                }
            }

            void Timed(string what, Action measure)
            {
                long start = Stopwatch.GetTimestamp();
                measure();
                File.Delete(result);
                Say(string.Create(CultureInfo.InvariantCulture, $"round {round} of {options.Rounds}: {what}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
            }
        }
        string name = options.Name ?? processor.FileName + (options.Quick ? "-quick" : ""), folder = Path.Combine(bench, "results");
        string path = Path.Combine(folder, name + ".md");
        string notes = $"{name}-bounds.md";
        AtomicFile.WriteText(path, new ComparisonReport(run, File.Exists(Path.Combine(bench, "results", notes)) ? notes : null).Markdown(name));
        Say($"written: {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
        if (!options.Growth) return;
        Say("measuring how the cost grows");
        ChildProcess.Run([.. Libraries.Cli, "bench", "growth", "--out", Path.Combine(folder, name + "-growth.md")], new Dictionary<string, string?>(), cancel);
    }

    private static PosixSignalRegistration Stopping(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        stop.Cancel();
    });

    internal static string BenchFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) return Path.Combine(folder.FullName, "bench");
        throw new DirectoryNotFoundException("bench/run works from a clone of the repository alone; Unroll.slnx was not found above the program.");
    }

    private static string Count(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    private static void Say(string line) => Console.Error.WriteLine(line);
}
