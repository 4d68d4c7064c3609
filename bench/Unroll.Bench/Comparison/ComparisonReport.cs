using System.Globalization;
using System.Text;
using Unroll.Cli.Bench;
using static Unroll.Bench.Comparison.BenchFigures;

namespace Unroll.Bench.Comparison;

/// <summary>A run's results as a page of Markdown.</summary>
/// <param name="run">What was measured.</param>
/// <param name="notes">The file name of a page written by hand that goes with it, or null.</param>
internal sealed class ComparisonReport(ComparisonRun run, string? notes = null)
{
    private readonly StringBuilder _text = new();
    private readonly BenchShape[] _sequences = [.. run.Shapes.Where(shape => shape.Steps > 1)], _streams = [.. run.Shapes.Where(shape => shape.Steps == 1)];

    /// <summary>The page.</summary>
    /// <param name="name">The file's name without its ending, for the reference to the growth page.</param>
    public string Markdown(string name)
    {
        _text.Clear();
        WriteFacts();
        if (_sequences.Length > 0)
        {
            WriteUnroll("Unroll", run.Unroll);
            WritePeers();
        }
        if (_streams.Length > 0) WriteStreams();
        if (run.LanguageModel is not null) WriteLanguageModel(run.LanguageModel);
        if (run.Narrow is not null && _sequences.Length > 0) WriteUnroll("Unroll with UNROLL_SIMD=256", run.Narrow);
        if (notes is not null) _text.Append(Invariant($"\n## What bounds it\n\n[{notes}]({notes})\n"));
        if (run.Options.Growth) _text.Append(Invariant($"\n## How the cost grows\n\n[{name}-growth.md]({name}-growth.md)\n"));
        return _text.ToString();
    }

    private void WriteFacts()
    {
        double one = run.Unroll.Peak(1), two = run.Unroll.Peak(2);
        string versions = string.Join(", ", run.Peers.Select(peer => $"{peer} {run.Results[peer].Version}"));
        _text.Append(Invariant($"# {run.Processor.Title}, {Environment.ProcessorCount} cores, vectors of {run.Unroll.VectorBits} bits\n\n"));
        _text.Append(Invariant($"{DateTime.UtcNow:yyyy-MM-dd}. Unroll {typeof(BenchShape).Assembly.GetName().Version!.ToString(3)} on .NET {Environment.Version}{(versions.Length > 0 ? "; " : "")}{versions}. {System.Runtime.InteropServices.RuntimeInformation.OSDescription}.\n"));
        foreach (Library library in run.Libraries.Where(library => library.Absent is not null)) _text.Append(Invariant($"{library.Name} was absent: {library.Absent}\n"));
        _text.Append(Invariant($"\nIn turn, {run.Options.Rounds} round{(run.Options.Rounds == 1 ? "" : "s")}, with N = 1 and 2 threads ([how that is measured](../README.md)); figures are medians over the rounds:\n\n```\n"));
        foreach (Library library in run.Libraries.Where(library => library.Absent is null)) _text.Append(library.Shown).Append('\n');
        _text.Append("```\n\n");
        _text.Append(Invariant($"Measured peak: {one:0.0} GFLOP/s on one thread, {two:0.0} on two, {two / one:0.00} times as many"));
        _text.Append(two / one > 1.9 ? ".\n" : ": less than 1.9, so that the two cores were not both free and figures on two threads are too low.\n");
    }

    private void WriteUnroll(string title, Merged results)
    {
        double peak = results.Peak(2);
        _text.Append(Invariant($"\n## {title}\n\nMilliseconds a call, forward / train. Percent is useful arithmetic of the two-core peak ({peak:0.0} GFLOP/s), on the better number of threads.\n\n"));
        _text.Append("| shape | 1 thread | 2 threads | % of peak | speed-up of 2 threads | bytes a step |\n|---|---|---|---|---|---|\n");
        var gains = new List<(double?, double?)>();
        foreach (BenchShape shape in _sequences)
        {
            double? forward1 = results.Forward(shape.Name, 1), train1 = results.Train(shape.Name, 1), forward2 = results.Forward(shape.Name, 2), train2 = results.Train(shape.Name, 2);
            gains.Add((forward1 / forward2, train1 / train2));
            _text.Append(Invariant($"| {shape.Name} | {Pair(forward1, train1, Time)} | {Pair(forward2, train2, Time)} | {Percent(shape, results, peak)} | {Pair(forward1 / forward2, train1 / train2, Ratio)} | {results.AllocatedBytes(shape.Name)} |\n"));
        }
        _text.Append(Invariant($"| geometric mean | | | {PercentMean(results, peak)} | {Means(gains)} | |\n"));
    }

    private void WritePeers()
    {
        double peak = run.Unroll.Peak(2);
        foreach (string peer in run.Peers)
        {
            Merged other = run.Results[peer];
            _text.Append(Invariant($"\n## Beside {peer}\n\nForward / train. The ratio is {peer}'s time over Unroll's, each on its better number of threads.\n\n"));
            _text.Append(Invariant($"| shape | {peer}, 1 thread | {peer}, 2 threads | {peer}, % of peak | Unroll, % of peak | ratio |\n|---|---|---|---|---|---|\n"));
            var ratios = new List<(double?, double?)>();
            foreach (BenchShape shape in _sequences.Where(shape => other.BestForward(shape.Name) is not null))
            {
                (double? forward, double? train) ratio = (other.BestForward(shape.Name) / run.Unroll.BestForward(shape.Name), other.BestTrain(shape.Name) / run.Unroll.BestTrain(shape.Name));
                ratios.Add(ratio);
                _text.Append(Invariant($"| {shape.Name} | {Pair(other.Forward(shape.Name, 1), other.Train(shape.Name, 1), Time)} | {Pair(other.Forward(shape.Name, 2), other.Train(shape.Name, 2), Time)} | {Percent(shape, other, peak)} | {Percent(shape, run.Unroll, peak)} | {Pair(ratio.forward, ratio.train, Ratio)} |\n"));
            }
            _text.Append(Invariant($"| geometric mean | | | | | {Means(ratios)} |\n"));
            _text.Append(Invariant($"| least | | | | | {Pair(ratios.Min(pair => pair.Item1), ratios.Min(pair => pair.Item2), Ratio)} |\n"));
        }
    }

    private void WriteStreams()
    {
        _text.Append("\n## One step, one row\n\nMicroseconds a step, on the better number of threads; in brackets the other library's time over Unroll's. Reading is the time\nin which the same memory as the weights have is read once, on the better number of threads in the same run: no step can be faster.\nPeers have float32 weights always.\n\n| shape | Unroll | reading the weights | of it |");
        foreach (string peer in run.Peers) _text.Append(Invariant($" {peer} |"));
        _text.Append("\n|---|---|---|---|");
        foreach (string _ in run.Peers) _text.Append("---|");
        _text.Append('\n');
        foreach (BenchShape shape in _streams)
        {
            double? own = run.Unroll.BestForward(shape.Name);
            double? reading = run.Unroll.BestRead(shape.Name);
            _text.Append(Invariant($"| {shape.Name} | {own * 1000:0.00} | {One(reading * 1000, Ratio)} | {One(own / reading, Ratio)} |"));
            foreach (string peer in run.Peers)
                _text.Append(run.Results[peer].BestForward(shape.Name) is double time ? Invariant($" {time * 1000:0.00} ({time / own:0.00}) |") : " - |");
            _text.Append('\n');
        }
    }

    private void WriteLanguageModel(LanguageModelSpeeds speeds)
    {
        _text.Append("\n## Character language model\n\nCharacters a second over whole training steps: two layers, batch 50, 50 steps. The ratio is Unroll's over PyTorch's, each on its better number of threads.\n\n");
        _text.Append("| units | Unroll, 1 thread | 2 threads | PyTorch, 1 thread | 2 threads | ratio |\n|---|---|---|---|---|---|\n");
        foreach (int units in LanguageModelSpeeds.Widths)
        {
            _text.Append(Invariant($"| 2 x {units} |"));
            foreach (string library in LanguageModelSpeeds.Compared)
                foreach (int threads in (ReadOnlySpan<int>)[1, 2]) _text.Append(speeds.Of(library, units, threads) is double speed ? Invariant($" {speed:#,0} |") : " - |");
            _text.Append(Invariant($" {One(speeds.Best("Unroll", units) / speeds.Best("PyTorch", units), Ratio)} |\n"));
        }
    }

    private static string Percent(BenchShape shape, Merged results, double peak) =>
        Pair(Share(shape, results.BestForward(shape.Name), 1, peak), Share(shape, results.BestTrain(shape.Name), 3, peak), percent => percent.ToString("0", CultureInfo.InvariantCulture));

    private string PercentMean(Merged results, double peak) => Means(
        [.. _sequences.Select(shape => (Share(shape, results.BestForward(shape.Name), 1, peak), Share(shape, results.BestTrain(shape.Name), 3, peak)))],
        percent => percent.ToString("0", CultureInfo.InvariantCulture));

    // Operations over milliseconds are a million a second; the peak is in thousands of millions.
    private static double? Share(BenchShape shape, double? milliseconds, int passes, double peak) => passes * shape.ForwardFlops() / milliseconds * 1e-6 / peak * 100;

    private static string Means(IReadOnlyList<(double? Forward, double? Train)> pairs, Func<double, string>? format = null) =>
        Pair(GeometricMean(pairs.Select(pair => pair.Forward)), GeometricMean(pairs.Select(pair => pair.Train)), format ?? Ratio);

    /// <summary>The geometric mean of those that exist; null where none does.</summary>
    internal static double? GeometricMean(IEnumerable<double?> values)
    {
        double[] there = [.. values.OfType<double>()];
        return there.Length == 0 ? null : Math.Exp(there.Average(Math.Log));
    }

    private static string Pair(double? forward, double? train, Func<double, string> format) => $"{One(forward, format)} / {One(train, format)}";

    private static string One(double? value, Func<double, string> format) => value is double number ? format(number) : "-";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
