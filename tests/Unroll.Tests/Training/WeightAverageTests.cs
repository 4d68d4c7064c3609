using Unroll.Data;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tests.Contracts;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;
using Unroll.Training;
using static Unroll.Tests.Training.TrainingData;

namespace Unroll.Tests.Training;

/// <summary>Averages of weights against the same averages in double, in validation, at the end, and through a checkpoint.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class WeightAverageTests
{
    /// <summary>Every parameter of the model after each step.</summary>
    private sealed class Recorder : Callback
    {
        public List<double[]> Steps { get; } = [];

        public List<double[]> Epochs { get; } = [];

        public override void OnBatchEnd(TrainingContext context) => Steps.Add(All(context.Model));

        public override void OnEpochEnd(TrainingContext context, EpochResult result) => Epochs.Add(All(context.Model));
    }

    private static double[] All(Network model) => [.. model.Parameters.SelectMany(parameter => parameter.ToArray()).Select(v => (double)v)];

    private static void AssertClose(double[] expected, Network model)
    {
        double[] found = All(model);
        for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 1e-6);
    }

    [Fact]
    public void The_exponential_average_is_its_recurrence_over_steps()
    {
        Sequential model = Compiled();
        var recorder = new Recorder();
        model.Fit(Classes(32), epochs: 3, batchSize: 5, callbacks: [recorder, new ExponentialWeightAverage(0.8)]);
        double[] average = recorder.Steps[0];
        foreach (double[] weights in recorder.Steps.Skip(1)) average = [.. average.Zip(weights, (a, w) => 0.8 * a + 0.2 * w)];
        AssertClose(average, model);
        Assert.Contains(average.Zip(recorder.Steps[^1]), pair => Math.Abs(pair.First - pair.Second) > 1e-3);
    }

    [Fact]
    public void The_stochastic_average_is_the_mean_of_the_epochs_that_count()
    {
        Sequential model = Compiled();
        var recorder = new Recorder();
        model.Fit(Classes(32), epochs: 7, batchSize: 5, callbacks: [recorder, new StochasticWeightAverage(3, everyEpochs: 2, learningRate: 0.03f)]);
        double[][] counted = [recorder.Epochs[2], recorder.Epochs[4], recorder.Epochs[6]];
        AssertClose([.. Enumerable.Range(0, counted[0].Length).Select(i => counted.Average(weights => weights[i]))], model);
        Assert.Equal(0.03f, model.Compiled!.Optimizer!.LearningRate);
    }

    [Fact]
    public void Validation_sees_the_average_and_training_goes_on_from_the_weights()
    {
        Dataset validation = Classes(9, 1.3);
        Sequential plain = Compiled(), averaged = Compiled();
        plain.Fit(Classes(32), 3, 5, validation);
        var average = new ExponentialWeightAverage(0.9, keepAtEnd: false);
        History history = averaged.Fit(Classes(32), 3, 5, validation, callbacks: [average]);
        Assert.Null(TrainedModels.FirstDifference(plain, averaged)); // the same training
        average.Swap(averaged);
        Assert.Equal(history.Epochs[^1]["val_loss"], averaged.Evaluate(validation, batchSize: 5).Loss, 1e-12);
        Assert.NotEqual(plain.Evaluate(validation).Loss, averaged.Evaluate(validation).Loss);
        average.Swap(averaged);
        Assert.Null(TrainedModels.FirstDifference(plain, averaged));
    }

    [Fact]
    public void Averages_resumed_from_a_checkpoint_end_in_the_same_bytes()
    {
        using var file = new TemporaryFile("");
        var checkpoint = new CheckpointOptions(file.Path, EveryBatches: 2);
        Sequential Train(CheckpointOptions? at, bool resume, int stopAfter)
        {
            Sequential model = Compiled();
            using var source = new CancellationTokenSource();
            int seen = 0;
            var stopper = new Stopper(() =>
            {
                if (++seen == stopAfter) source.Cancel();
            });
            try
            {
                model.Fit(Classes(32), 5, 5, Classes(9, 1.3), callbacks: [new ExponentialWeightAverage(0.8), new StochasticWeightAverage(2), stopper],
                    checkpoint: at, resume: resume, cancellation: source.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.NotEqual(0, stopAfter);
            }
            return model;
        }
        byte[] whole = Bytes(Train(null, false, 0));
        foreach (int stop in new[] { 3, 7, 14, 20 }) // within epochs, at the end of one, and in its validation
        {
            Train(checkpoint, false, stop);
            Assert.Equal(whole, Bytes(Train(checkpoint, true, 0)));
        }
    }

    private sealed class Stopper(Action step) : Callback
    {
        public override void OnBatchEnd(TrainingContext context) => step();
    }

    [Fact]
    public void Averages_are_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() =>
    {
        Sequential model = Compiled();
        model.Fit(Classes(20), 2, 5, callbacks: [new ExponentialWeightAverage(0.7)]);
        return model;
    });

    [Fact]
    public void Bad_settings_are_refused()
    {
        Assert.Contains("above 0 and below 1", Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialWeightAverage(1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new StochasticWeightAverage(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StochasticWeightAverage(1, learningRate: float.NaN));
        Assert.Contains("no average yet", Assert.Throws<InvalidOperationException>(() => new StochasticWeightAverage(9).Swap(Compiled())).Message, StringComparison.Ordinal);
        Sequential model = Compiled(new Adam { Schedule = new OneCycle(0.1f, 10) });
        Assert.Contains("use one of the two", Assert.Throws<InvalidOperationException>(() =>
            model.Fit(Classes(8), callbacks: [new StochasticWeightAverage(1, learningRate: 0.1f)])).Message, StringComparison.Ordinal);
    }
}
