using Unroll.Data;
using Unroll.Files;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Training;
using static Unroll.Tests.Training.TrainingData;

namespace Unroll.Tests.Training;

public sealed class TrainingCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Stopper(CancellationTokenSource source, int after) : IProgress<TrainingProgress>
    {
        private int _seen;

        public void Report(TrainingProgress value)
        {
            if (++_seen == after) source.Cancel();
        }
    }

    private string At(string name) => Path.Combine(_folder, name);

    /// <summary>A training with everything that has state; fresh objects each time.</summary>
    private History Train(Func<Optimizer> optimizer, string name, int epochs, CheckpointOptions? checkpoint, int stopAfter, out bool finished)
    {
        Sequential model = Compiled(optimizer());
        using var source = new CancellationTokenSource();
        Callback[] callbacks =
        [
            new EarlyStopping(patience: 4, restoreBestWeights: true),
            new ReduceLearningRateOnPlateau(options: new ReduceOnPlateauOptions { Patience = 1, Factor = 0.5 }),
            new JsonLinesLogger(At(name + ".jsonl")),
            new CsvLogger(At(name + ".csv")),
            new ModelCheckpoint(At(name + ".best"), saveBestOnly: true),
        ];
        finished = false;
        try
        {
            History history = model.Fit(Classes(32), epochs, batchSize: 5, validation: Classes(9, 1.3), seed: 3, callbacks: callbacks,
                options: new FitOptions { GlobalClipNorm = 1, ClassWeights = new Dictionary<int, float> { [0] = 1.5f } },
                progress: stopAfter > 0 ? new Stopper(source, stopAfter) : null, checkpoint: checkpoint, resume: checkpoint is not null, cancellation: source.Token);
            finished = true;
            model.Save(At(name));
            return history;
        }
        catch (OperationCanceledException)
        {
            return null!;
        }
    }

    public static TheoryData<string, int, int> Cases()
    {
        var cases = new TheoryData<string, int, int>();
        foreach (string optimizer in Optimizer.Names) cases.Add(optimizer, cases.Count, 4);
        cases.Add("sgd", 20, 40); // long enough for early stopping
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_cut_at_random_steps_and_resumed_ends_in_the_same_bytes(string optimizerName, int seed, int epochs)
    {
        Func<Optimizer> optimizer = optimizerName == "sgd" ? () => new Sgd(0.2f, momentum: 0.9) : () => Optimizer.FromName(optimizerName);
        History whole = Train(optimizer, "whole", epochs, null, 0, out _);
        var random = new Random(seed);
        var checkpoint = new CheckpointOptions(At("checkpoint"), EveryBatches: 3);
        History resumed;
        int cuts = 0;
        while (true)
        {
            resumed = Train(optimizer, "resumed", epochs, checkpoint, random.Next(1, 12), out bool finished);
            if (finished) break;
            cuts++;
        }
        Assert.True(cuts >= 3, $"only {cuts} cuts");
        Assert.Equal(File.ReadAllBytes(At("whole")), File.ReadAllBytes(At("resumed")));
        Assert.Equal(File.ReadAllBytes(At("whole.best")), File.ReadAllBytes(At("resumed.best")));
        Assert.Equal(File.ReadAllText(At("whole.jsonl")), File.ReadAllText(At("resumed.jsonl")));
        Assert.Equal(File.ReadAllText(At("whole.csv")), File.ReadAllText(At("resumed.csv")));
        foreach (string name in whole.Names) Assert.Equal(whole[name], resumed[name]);
        Assert.Equal(whole.StopReason, resumed.StopReason);
        if (epochs > 6) Assert.Contains("early stopping", whole.StopReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_killed_between_checkpoints_ends_in_the_same_bytes()
    {
        History whole = Train(() => new Adam(), "whole", 3, null, 0, out _);
        // What a kill leaves: the file of an earlier moment, here each that was ever written.
        var checkpoint = new CheckpointOptions(At("checkpoint"), EveryBatches: 2);
        var copies = new List<byte[]>();
        for (int stop = 1; stop < 21; stop += 2)
        {
            File.Delete(checkpoint.Path);
            Train(() => new Adam(), "partial", 3, checkpoint, stop, out _);
            copies.Add(File.ReadAllBytes(checkpoint.Path));
        }
        foreach (byte[] copy in copies)
        {
            File.WriteAllBytes(checkpoint.Path, copy);
            Train(() => new Adam(), "resumed", 3, checkpoint, 0, out bool finished);
            Assert.True(finished);
            Assert.Equal(File.ReadAllBytes(At("whole")), File.ReadAllBytes(At("resumed")));
            Assert.Equal(File.ReadAllText(At("whole.jsonl")).Split('\n').Length, whole.Epochs.Count + 1);
        }
    }

    [Fact]
    public void Cancelling_within_validation_loses_nothing()
    {
        Sequential Trained(Action<Sequential> train)
        {
            Sequential model = Compiled();
            train(model);
            return model;
        }
        Dataset validation = Classes(30, 1.3);
        byte[] whole = Bytes(Trained(model => model.Fit(Classes(10), 2, 5, validation)));
        var checkpoint = new CheckpointOptions(At("checkpoint"));
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Compiled().Fit(Classes(10), 2, 5, validation, checkpoint: checkpoint, cancellation: source.Token,
            progress: new Stopper(source, 2))); // the last step of the first epoch
        byte[] resumed = Bytes(Trained(model => Assert.Equal(2, model.Fit(Classes(10), 2, 5, validation, checkpoint: checkpoint, resume: true).Epochs.Count)));
        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void A_finished_training_resumes_to_itself()
    {
        var checkpoint = new CheckpointOptions(At("checkpoint"));
        Train(() => new Adam(), "first", 3, checkpoint, 0, out _);
        Train(() => new Adam(), "second", 3, checkpoint, 0, out _);
        Assert.Equal(File.ReadAllBytes(At("first")), File.ReadAllBytes(At("second")));
    }

    [Fact]
    public void Other_settings_are_refused_with_both_values()
    {
        var checkpoint = new CheckpointOptions(At("checkpoint"));
        Compiled().Fit(Classes(10), 1, 5, checkpoint: checkpoint);
        ModelFileException error = Assert.Throws<ModelFileException>(() => Compiled().Fit(Classes(10), 2, 4, checkpoint: checkpoint, resume: true));
        Assert.Contains("'batch_size' was 5 and is 4 now", error.Message, StringComparison.Ordinal);
        var weighted = new FitOptions { ClassWeights = new Dictionary<int, float> { [2] = 3, [0] = 0.5f } };
        Assert.Contains("'class_weights' was none and is {\"0\":0.5,\"2\":3} now", Assert.Throws<ModelFileException>(() =>
            Compiled().Fit(Classes(10), 2, 5, options: weighted, checkpoint: checkpoint, resume: true)).Message, StringComparison.Ordinal);
        Sequential smoothed = Compiled();
        smoothed.Compile(new Adam(0.01f), Unroll.Losses.Loss.SparseCategoricalCrossEntropy(labelSmoothing: 0.25f), Unroll.Metrics.Metric.Accuracy(), Unroll.Metrics.Metric.F1());
        Assert.Contains("\"label_smoothing\":0.25", Assert.Throws<ModelFileException>(() =>
            smoothed.Fit(Classes(10), 2, 5, checkpoint: checkpoint, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_file_is_no_checkpoint()
    {
        Sequential model = Compiled();
        model.Fit(Classes(10));
        model.Save(At("model"));
        ModelFileException error = Assert.Throws<ModelFileException>(() => Compiled().Fit(Classes(10), checkpoint: new CheckpointOptions(At("model")), resume: true));
        Assert.Contains("expected a training checkpoint", error.Message, StringComparison.Ordinal);
    }
}
