using Unroll.Data;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

public sealed partial class Forecaster
{
    /// <summary>Trains on one series; all of its rows are used, so cut off what is to test.</summary>
    /// <param name="series">The series, with its columns and times where it has them.</param>
    /// <param name="options">The horizon, and what else is not to be chosen.</param>
    /// <param name="progress">Told after every step: first of the training that validates, then of the one on all rows.</param>
    /// <param name="checkpoint">Where to write what is needed to go on after being killed; the training on all rows adds ".all" to the path.</param>
    /// <param name="resume">Whether to go on from the checkpoint where there is one; to the same bits as if never stopped.</param>
    /// <param name="callbacks">What watches the training that validates, called after the forecaster's own.</param>
    /// <param name="cancellation">Looked at after every step; the checkpoint is written before the exception.</param>
    /// <exception cref="ArgumentException">An option out of range; a series that is constant or too short. One message each.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was NaN or infinite.</exception>
    public static Forecaster Train(TimeSeries series, ForecastOptions options, IProgress<TrainingProgress>? progress = null,
        CheckpointOptions? checkpoint = null, bool resume = false, IReadOnlyList<Callback>? callbacks = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        return Train([series], options, progress, checkpoint, resume, callbacks, cancellation);
    }

    /// <summary>Trains one network on many series with the same columns; see the other form.</summary>
    /// <param name="series">At least one; those too short for a window add none.</param>
    /// <param name="options">The horizon, and what else is not to be chosen.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="checkpoint">Where to write what is needed to go on after being killed.</param>
    /// <param name="resume">Whether to go on from the checkpoint where there is one.</param>
    /// <param name="callbacks">What watches the training that validates.</param>
    /// <param name="cancellation">Looked at after every step.</param>
    /// <exception cref="ArgumentException">As for the other form, no series, or different columns.</exception>
    public static Forecaster Train(IReadOnlyList<TimeSeries> series, ForecastOptions options, IProgress<TrainingProgress>? progress = null,
        CheckpointOptions? checkpoint = null, bool resume = false, IReadOnlyList<Callback>? callbacks = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var rows = new ForecastRows(series, options);
        PlanSearch.Candidate chosen = new PlanSearch(rows, options, cancellation).Run();
        ForecastPlan plan = chosen.Plan;
        PreparedSeries[] prepared = [.. series.Select(one => new PreparedSeries(one, plan))];
        ForecastWindows validation = rows.Validation(plan, prepared);
        Dataset validationSet = validation.ToDataset();

        Sequential model = ForecastNetwork.Make(plan, options, chosen.Kernel, chosen.Bias);
        Dataset training = rows.Training(plan, prepared).ToDataset();
        int batchSize = options.BatchSize ?? Math.Clamp(training.Count / 16, 8, 64);
        var best = new BestWeights(validationSet, batchSize, options.Patience);
        Compile(model, options);
        History history = model.Fit(training, options.Epochs, batchSize, validationSet, seed: options.Seed,
            callbacks: [best, new TerminateOnNaN(), .. callbacks ?? []], options: s_fit, progress: progress, checkpoint: checkpoint, resume: resume, cancellation: cancellation);

        double[] levels = [.. options.Quantiles];
        double[][] offsets = Offsets(new Forecaster(model, plan, levels, []), validation, rows.Training(plan, prepared), cancellation);
        if (options.RefitOnAll)
        {
            ForecastWindows all = rows.All(plan, prepared);
            (float[] kernel, float[] bias) = new LinearBranch(all).Solve(plan.Penalty) ?? (chosen.Kernel, chosen.Bias);
            model = ForecastNetwork.Make(plan, options, kernel, bias);
            Compile(model, options);
            if (best.BestEpoch > 0)
            {
                model.Fit(all.ToDataset(), best.BestEpoch, batchSize, seed: options.Seed, callbacks: [new TerminateOnNaN()], options: s_fit, progress: progress,
                    checkpoint: checkpoint is null ? null : checkpoint with { Path = checkpoint.Path + ".all" }, resume: resume, cancellation: cancellation);
            }
        }
        return new Forecaster(model, plan, levels, offsets) { History = history, BestEpoch = best.BestEpoch };
    }

    private static readonly FitOptions s_fit = new() { GlobalClipNorm = 1f };

    private static void Compile(Sequential model, ForecastOptions options) =>
        model.Compile(new Adam(options.LearningRate), Loss.MeanSquaredError());

    private static double[][] Offsets(Forecaster forecaster, ForecastWindows validation, ForecastWindows training, CancellationToken cancellation)
    {
        double[] learnt = ResidualQuantiles.AreFew(validation.Count) ? Residuals(forecaster, training, cancellation) : [];
        return ResidualQuantiles.Of(Residuals(forecaster, validation, cancellation), learnt, forecaster.Horizon, forecaster._levels);
    }

    private static double[] Residuals(Forecaster forecaster, ForecastWindows windows, CancellationToken cancellation)
    {
        float[] outputs = forecaster.Outputs(windows, cancellation), targets = new float[forecaster.Horizon];
        double[] residuals = new double[outputs.Length];
        for (int n = 0; n < windows.Count; n++)
        {
            windows.ReadTargets(n, targets);
            for (int h = 0; h < targets.Length; h++) residuals[n * targets.Length + h] = (double)targets[h] - outputs[n * targets.Length + h];
        }
        return residuals;
    }
}
