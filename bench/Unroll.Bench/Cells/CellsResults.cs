using System.Globalization;
using System.Text;
using Unroll.Basics;
using Unroll.Bench.Comparison;
using Unroll.Cli.Bench;
using Unroll.Files;
using Unroll.Kernels.Simd;
using static Unroll.Bench.Comparison.BenchFigures;

namespace Unroll.Bench.Cells;

/// <summary>Every cell beside the LSTM, and ragged batches beside dense ones: bench/results/PROCESSOR-cells.md.</summary>
internal static class CellsResults
{
    private const int Rounds = 3;
    private const double Seconds = 0.2, FusedLimit = 1.5, OwnLimit = 6;

    private static readonly BenchShape[] s_sizes =
    [
        new("lstm_128", "lstm", 64, 100, 64, 128, 1, Bidirectional: false, Ragged: false),
        new("lstm_128", "lstm", 64, 100, 64, 128, 1, Bidirectional: false, Ragged: true),
        new("ptb_small", "lstm", 20, 20, 200, 200, 2, Bidirectional: false, Ragged: false),
        new("ptb_small", "lstm", 20, 20, 200, 200, 2, Bidirectional: false, Ragged: true),
    ];

    public static void Run(BenchArguments arguments)
    {
        Threads.Count = 1;
        double peak = PeakMeter.Measure(1, CancellationToken.None);
        var processor = Processor.Detect();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Cells on {processor.Title}, one thread, vectors of {SimdWidth.Current} bits\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}; measured peak {peak * 1e-9:0.0} GFLOP/s:\n`dotnet run -c Release --project bench/Unroll.Bench -- cells` ([how that is measured](../README.md)).\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Forward / train. The last column is the time that a cell takes for its useful arithmetic over the LSTM's, in the same of {Rounds} rounds;\nthe limit is {FusedLimit} for fused cells and {OwnLimit} for cells written as a step on tensors (own_lstm is the LSTM so written), and what is above is in bold.\n");
        foreach (BenchShape size in s_sizes) AddSize(text, size, peak);
        AddRagged(text);
        string path = Path.Combine(CompareCommand.BenchFolder(), "results", processor.FileName + "-cells.md");
        AtomicFile.WriteText(path, text.ToString());
        Console.Error.WriteLine($"written: {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
    }

    private static void AddSize(StringBuilder text, BenchShape size, double peak)
    {
        BenchShape[] shapes = [.. BenchCell.All.Keys.Select(cell => size with { Cell = cell })];
        BenchResult[][] rounds = Measure(shapes);
        int lstm = Array.FindIndex(shapes, shape => shape.Cell == "lstm");
        text.Append(CultureInfo.InvariantCulture, $"\n## {size.Name}{(size.Ragged ? ", ragged" : "")}\n\n| cell | ms | % of peak | over the LSTM's |\n|---|---|---|---|\n");
        for (int i = 0; i < shapes.Length; i++)
        {
            double Share(BenchResult[] round, Func<BenchResult, double> time) => time(round[i]) / shapes[i].ForwardFlops() / (time(round[lstm]) / shapes[lstm].ForwardFlops());
            double forward = MedianOf(rounds.Select(round => Share(round, Forward))), train = MedianOf(rounds.Select(round => Share(round, Train)));
            var result = new BenchResult(shapes[i], MedianOf(rounds.Select(round => Forward(round[i]))), MedianOf(rounds.Select(round => Train(round[i]))), 0);
            double limit = BenchCell.All[shapes[i].Cell].IsFused ? FusedLimit : OwnLimit;
            text.Append(CultureInfo.InvariantCulture, $"| {shapes[i].Cell} | {Time(result.ForwardMilliseconds)} / {Time(Train(result))} | {result.ForwardPercent(peak):0} / {result.TrainPercent(peak):0} | {Marked(forward, limit)} / {Marked(train, limit)} |\n");
        }
    }

    private static void AddRagged(StringBuilder text)
    {
        text.Append("\n## A ragged batch beside a dense one\n\nLengths 1 to 100, 64 sequences, beside a dense batch of 64 sequences and as many real steps; the time of a real step, ragged over dense. The limit is 1.15.\n\n");
        text.Append("| cell | real steps, ragged and dense | ms, ragged | ms, dense | ratio |\n|---|---|---|---|---|\n");
        foreach (string cell in new[] { "lstm", "gru", "rnn" })
        {
            BenchShape ragged = s_sizes[1] with { Cell = cell }, dense = ragged with { Ragged = false, Steps = (int)Math.Round((double)ragged.RealSteps / ragged.Batch) };
            BenchResult[][] rounds = Measure([ragged, dense]);
            double Share(Func<BenchResult, double> time) => MedianOf(rounds.Select(round => time(round[0]) / ragged.RealSteps / (time(round[1]) / dense.RealSteps)));
            text.Append(CultureInfo.InvariantCulture, $"| {cell} | {ragged.RealSteps:#,0} and {dense.RealSteps:#,0} | {Times(0)} | {Times(1)} | {Ratio(Share(Forward))} / {Ratio(Share(Train))} |\n");

            string Times(int which) => $"{Time(MedianOf(rounds.Select(round => Forward(round[which]))))} / {Time(MedianOf(rounds.Select(round => Train(round[which]))))}";
        }
    }

    /// <summary>All shapes in turn, round after round.</summary>
    private static BenchResult[][] Measure(BenchShape[] shapes)
    {
        BenchModel[] models = [.. shapes.Select(shape => new BenchModel(shape))];
        var rounds = new BenchResult[Rounds][];
        for (int round = 0; round < Rounds; round++)
        {
            rounds[round] = [.. models.Select((model, i) => new BenchResult(shapes[i],
                BenchTimer.Measure(model.Forward, Seconds, CancellationToken.None).Milliseconds, BenchTimer.Measure(model.Train, Seconds, CancellationToken.None).Milliseconds, 0))];
            Console.Error.WriteLine($"{shapes[0].Name}{(shapes[0].Ragged ? ", ragged" : "")}: round {round + 1} of {Rounds}");
        }
        return rounds;
    }

    private static double Forward(BenchResult result) => result.ForwardMilliseconds;

    private static double Train(BenchResult result) => result.TrainMilliseconds!.Value;

    private static string Marked(double ratio, double limit) => ratio > limit ? $"**{Ratio(ratio)}**" : Ratio(ratio);

    private static double MedianOf(IEnumerable<double> values) => Median(values)!.Value;
}
