using System.Diagnostics;
using Unroll.Autograd;
using Unroll.Data;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// Trains networks of equal numbers of parameters on the same task in the same way, and says what each is worth and what it costs:
/// <c>foreach (ComparisonResult result in ModelComparison.Run(task)) …</c>.
/// </summary>
/// <remarks>Validation chooses the epoch and the learning rate; the test examples are read when these are chosen. Only the times differ from run to run.</remarks>
public static class ModelComparison
{
    private const int MostTimed = 100, WarmUps = 3;

    /// <summary>Trains one network after the other; each result comes as soon as it is there.</summary>
    /// <param name="task">The examples, and how answers are judged.</param>
    /// <param name="options">How is trained; null for the defaults.</param>
    /// <param name="models">The networks; null for those of <see cref="ComparedModel.Standard"/> that the task can have.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Looked at after every step.</param>
    /// <exception cref="ArgumentException">An option out of range, a network that the task cannot have, or data that do not fit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; results given before are whole.</exception>
    public static IEnumerable<ComparisonResult> Run(ComparisonTask task, ComparisonOptions? options = null, IReadOnlyList<ComparedModel>? models = null,
        IProgress<ComparisonProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        options ??= new ComparisonOptions();
        options.Check();
        models ??= [.. ComparedModel.Standard.Where(model => model.ObjectionTo(task) is null)];
        foreach (ComparedModel model in models)
            if (model.ObjectionTo(task) is { } objection) throw new ArgumentException($"ModelComparison: the task cannot have '{model.Name}': {objection}.", nameof(models));
        return Results();

        IEnumerable<ComparisonResult> Results()
        {
            ComparedModel reference = ComparedModel.Standard.First(model => model.Name == "lstm");
            long parameters = task.Network(reference, options.Units, 0).CountParameters();
            for (int i = 0; i < models.Count; i++)
            {
                ComparedModel model = models[i];
                int place = i;
                int size = EqualParameters.SizeFor(parameters, units => task.Network(model, units, 0).CountParameters());
                yield return Compare(task, options, model, size, done => progress?.Report(new ComparisonProgress(model.Name, place + done, models.Count)), cancellation);
            }
        }
    }

    private static ComparisonResult Compare(ComparisonTask task, ComparisonOptions options, ComparedModel model, int size, Action<double> progress, CancellationToken cancellation)
    {
        int trainings = options.LearningRates.Count + options.Seeds - 1, done = 0;
        Trial Train(float rate, int seed)
        {
            Trial trial = TrainOne(task, options, task.Network(model, size, options.Seed + (ulong)seed), rate, options.Seed + (ulong)seed, part => progress((done + part) / trainings), cancellation);
            done++;
            return trial;
        }
        Trial[] first = [.. options.LearningRates.Select(rate => Train(rate, 0))];
        Trial best = first.Where(trial => trial.IsFinite).MinBy(trial => trial.ValidationLoss) ?? first[0];
        Trial[] trials = [best, .. best.IsFinite ? Enumerable.Range(1, options.Seeds - 1).Select(seed => Train(best.LearningRate, seed)) : []];
        double[] qualities = [.. trials.Select(trial => trial.IsFinite ? task.Quality(trial.Network, task.Test, cancellation) : double.NaN)];
        progress(1); // a training may end before its last epoch
        int steps = task.Train.Inputs.Shape.Rank > 1 ? task.Train.Inputs.Shape[1] : 1;
        return new ComparisonResult(model.Name, best.Network.CountParameters(), best.IsFinite ? best.LearningRate : float.NaN, [.. trials.Select(trial => trial.ValidationLoss)], qualities,
            best.BestEpoch, trials.Average(trial => trial.Seconds), MemoryPlan.ForTraining(best.Network, Math.Min(options.BatchSize, task.Train.Count), steps).Total,
            MemoryPlan.ForInference(best.Network, 1, steps).Total, Latency(best.Network, task.Test, cancellation));
    }

    private static Trial TrainOne(ComparisonTask task, ComparisonOptions options, Sequential network, float rate, ulong seed, Action<double> progress, CancellationToken cancellation)
    {
        var best = new BestWeights(task.Validation, options.BatchSize, options.Patience);
        network.Compile(new Adam(rate), task.Loss);
        long start = Stopwatch.GetTimestamp();
        try
        {
            network.Fit(task.Train, options.Epochs, options.BatchSize, task.Validation, seed: seed, callbacks: [best, new TerminateOnNaN()],
                options: new FitOptions { GlobalClipNorm = 1, Grouping = task.Train.Inputs.Lengths.IsEmpty ? LengthGrouping.KeepOrder : LengthGrouping.SortWithinWindows },
                progress: new EpochProgress(progress), cancellation: cancellation);
        }
        catch (TrainingDivergedException)
        {
            return new Trial(network, rate, double.NaN, 0, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return new Trial(network, rate, best.BestLoss, best.BestEpoch, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The median over the first test examples, one at a time.</summary>
    private static double Latency(Sequential network, Dataset test, CancellationToken cancellation)
    {
        var tape = new Tape(recording: false);
        var pass = new Pass(tape);
        var times = new List<double>();
        int seen = 0;
        foreach (Batch example in test.Batches(tape, 1).Take(WarmUps + MostTimed))
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            network.Forward(example.Inputs, pass);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (seen++ >= WarmUps || test.Count <= WarmUps) times.Add(milliseconds);
            tape.Reset();
        }
        times.Sort();
        return times[times.Count / 2];
    }

    private sealed record Trial(Sequential Network, float LearningRate, double ValidationLoss, int BestEpoch, double Seconds)
    {
        public bool IsFinite => double.IsFinite(ValidationLoss);
    }

    private sealed class EpochProgress(Action<double> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report((value.Epoch - 1 + (double)value.Batch / value.Batches) / value.Epochs);
    }
}
