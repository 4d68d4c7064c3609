using System.Globalization;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Bench.Mnist;

/// <summary>
/// Handwritten digits read row by row and pixel by pixel: docs/results.md, section Digits as sequences. The last 5,000 training images
/// choose the epoch; the test images are read once, in the end.
/// </summary>
internal static class MnistResults
{
    private const int Trained = 55_000, Validated = 5_000, Tested = 10_000, Units = 128, Followed = 32;
    private const float LearningRate = 1e-3f, LargestNorm = 1f;

    private static readonly Reading[] s_readings =
    [
        new("rows", false, 0, 15, 64, [SequenceCell.Lstm, SequenceCell.Gru, SequenceCell.SimpleRnn]),
        new("pixels", true, 8, 5, 32, [SequenceCell.Lstm, SequenceCell.Gru, SequenceCell.SimpleRnn]),
    ];

    public static void Run(BenchArguments arguments)
    {
        Console.WriteLine("| read by | layer | parameters | seed | best epoch | minutes | validation | test accuracy | gradient reaches back |\n|---|---|---|---|---|---|---|---|---|");
        string folder = Path.Combine(arguments.Data, "mnist");
        foreach (Reading reading in s_readings.Where(reading => arguments.Wants(reading.Name)))
        {
            Dataset train = MnistData.Read(folder, "train", reading.Pixels, 0, Trained), validation = MnistData.Read(folder, "train", reading.Pixels, Trained, Validated);
            CellRuns.Run(arguments, reading.Cells, "mnist-" + reading.Name, $"Digits by {reading.Name}", (cell, seed) =>
                Train(reading, cell, seed, train, validation, () => MnistData.Read(folder, "t10k", reading.Pixels, 0, Tested), arguments));
        }
    }

    private static Result Train(Reading reading, SequenceCell cell, int seed, Dataset train, Dataset validation, Func<Dataset> test, BenchArguments arguments)
    {
        int steps = train.Inputs.Shape[1];
        var model = new Sequential(new Shape(-1, -1, train.Inputs.Shape[2]), (ulong)seed)
        {
            cell.Make(Units, false, steps),
            new Dense(10, Activation.Softmax),
        };
        string run = $"mnist-{reading.Name}-{cell.Name.Replace(", ", "-", StringComparison.Ordinal)}-{seed}";
        TimeSpan start = ThreadTime.Now;
        if (reading.HalvedEpochs > 0)
        {
            // Short sequences first: what they teach holds for the long ones, whose own gradients would need many epochs to say it.
            Fit(run + "-halved", new Adam(LearningRate), Halved(train), Halved(validation), reading.HalvedEpochs);
        }
        int batches = (Trained + reading.BatchSize - 1) / reading.BatchSize;
        var falling = new Adam(LearningRate) { Schedule = new CosineDecay(LearningRate, (long)reading.Epochs * batches) };
        var best = new EarlyStopping("val_accuracy", patience: reading.Epochs, restoreBestWeights: true);
        History history = Fit(run, falling, train, validation, reading.Epochs, best);
        TimeSpan time = ThreadTime.Now - start;
        double accuracy = model.Evaluate(test(), 256)["accuracy"];
        Dataset few = FirstOf(validation, Followed);
        return new Result(reading, cell, seed, model.CountParameters(), $"{best.BestEpoch} of {history.Epochs.Count}", time, history["val_accuracy"].Max(), accuracy,
            GradientFlow.Measure(model, few.Inputs, few.Targets).Layers[0]);

        History Fit(string name, Optimizer optimizer, Dataset data, Dataset judged, int epochs, params Callback[] callbacks)
        {
            model.Compile(optimizer, Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
            return model.Fit(data, epochs, reading.BatchSize, judged, seed: (ulong)seed, callbacks: [.. callbacks, new ReportEpoch(name)],
                options: new FitOptions { GlobalClipNorm = LargestNorm }, checkpoint: arguments.Checkpoint(name), resume: arguments.Runs is not null);
        }
    }

    private static Dataset Halved(Dataset pixels) => (MnistData.Halved(pixels.Inputs), pixels.Targets);

    private static Dataset FirstOf(Dataset data, int count)
    {
        Shape shape = data.Inputs.Shape;
        return (Tensor.FromArray(data.Inputs.ToArray().AsSpan(0, count * shape[1] * shape[2]), count, shape[1], shape[2]),
            Tensor.FromArray(data.Targets.ToArray().AsSpan(0, count), count));
    }

    /// <summary>How an image becomes a sequence, and what reads it; for how many epochs at half the size before those at full size.</summary>
    private sealed record Reading(string Name, bool Pixels, int HalvedEpochs, int Epochs, int BatchSize, SequenceCell[] Cells);

    private sealed record Result(
        Reading Reading, SequenceCell Cell, int Seed, long Parameters, string BestEpoch, TimeSpan Time, double Validation, double Test, LayerGradientFlow Flow) : CellResult(Cell, Seed, Flow)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"| {Reading.Name} | {Cell.Name} | {Parameters:#,0} | {Seed} | {BestEpoch} | {Time.TotalMinutes:0.0} | {100 * Validation:0.00} | {100 * Test:0.00} | {GradientPicture.Reach(Flow)} |");
    }

    private sealed class ReportEpoch(string run) : Callback
    {
        public override void OnEpochEnd(TrainingContext context, EpochResult result) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{run}: epoch {result.Epoch}, loss {result.Loss:0.0000}, validation {100 * result["val_accuracy"]:0.00}"));
    }
}
