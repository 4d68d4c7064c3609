using System.Diagnostics;
using System.Globalization;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Training;

namespace Unroll.Bench.Mnist;

/// <summary>
/// Handwritten digits read row by row and pixel by pixel: docs/results.md, section Digits as sequences. The last 5,000 training images
/// choose the epoch; the test images are read once, in the end.
/// </summary>
internal static class MnistResults
{
    private const int Trained = 55_000, Validated = 5_000, Tested = 10_000, Units = 128, BatchSize = 128;

    private static readonly (string Name, bool Pixels, int Epochs)[] s_ways = [("rows", false, 15), ("pixels", true, 30)];

    public static void Run(BenchArguments arguments)
    {
        Console.WriteLine("| read by | layer | parameters | seed | best epoch | minutes | validation | test accuracy | gradient reaches back |\n|---|---|---|---|---|---|---|---|---|");
        string folder = Path.Combine(arguments.Data, "mnist");
        foreach ((string way, bool pixels, int epochs) in s_ways)
        {
            foreach (string cell in (string[])["SimpleRnn", "Gru", "Lstm"])
            {
                if (!arguments.Wants(way) && !arguments.Wants($"{way}-{cell}")) continue;
                Dataset train = MnistData.Read(folder, "train", pixels, 0, Trained), validation = MnistData.Read(folder, "train", pixels, Trained, Validated);
                foreach (int seed in arguments.SeedNumbers)
                    Console.WriteLine(Row(way, cell, seed, epochs, train, validation, () => MnistData.Read(folder, "t10k", pixels, 0, Tested), arguments));
            }
        }
    }

    private static string Row(string way, string cell, int seed, int epochs, Dataset train, Dataset validation, Func<Dataset> test, BenchArguments arguments)
    {
        var model = new Sequential(new Shape(-1, -1, train.Inputs.Shape[2]), (ulong)seed)
        {
            cell switch
            {
                "SimpleRnn" => new SimpleRnn(Units),
                "Gru" => new Gru(Units),
                _ => new Lstm(Units),
            },
            new Dense(10, Activation.Softmax),
        };
        model.Compile(new Adam(1e-3f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        var best = new EarlyStopping("val_accuracy", patience: 8, restoreBestWeights: true);
        long start = Stopwatch.GetTimestamp();
        History history = model.Fit(train, epochs, BatchSize, validation, seed: (ulong)seed, callbacks: [best, new ReportEpoch($"{way} {cell} {seed}")],
            options: new FitOptions { GlobalClipNorm = 1f }, checkpoint: arguments.Checkpoint($"mnist-{way}-{cell}-{seed}"), resume: arguments.Runs is not null);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        double accuracy = model.Evaluate(test(), 256)["accuracy"];
        LayerGradientFlow flow = GradientFlow.Measure(model, FirstOf(validation, 32).Inputs, FirstOf(validation, 32).Targets).Layers[0];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {way} | {cell}({Units}) | {model.CountParameters():#,0} | {seed} | {best.BestEpoch} of {history.Epochs.Count} | {time.TotalMinutes:0.0} | {100 * history["val_accuracy"].Max():0.00} | {100 * accuracy:0.00} | {flow.Reach} of {flow.HiddenByLag.Count - 1} steps |");
    }

    private static Dataset FirstOf(Dataset data, int count)
    {
        Shape shape = data.Inputs.Shape;
        return (Tensors.Tensor.FromArray(data.Inputs.ToArray().AsSpan(0, count * shape[1] * shape[2]), count, shape[1], shape[2]),
            Tensors.Tensor.FromArray(data.Targets.ToArray().AsSpan(0, count), count));
    }

    private sealed class ReportEpoch(string run) : Callback
    {
        public override void OnEpochEnd(TrainingContext context, EpochResult result) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{run}: epoch {result.Epoch}, loss {result.Loss:0.0000}, validation {100 * result["val_accuracy"]:0.00}"));
    }
}
