using Unroll.Data;
using Unroll.Kernels.Scalars;
using Unroll.Models;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>
/// The learning-rate range test (Smith 2017, arXiv 1506.01186, section 3.3): some steps at rates that grow from step to
/// step, and the loss at each. Model and optimiser are afterwards as they were.
/// </summary>
public static class LearningRateFinder
{
    private const double Smoothing = 0.9, Explosion = 4;

    /// <summary>Runs the test.</summary>
    /// <param name="model">A compiled model.</param>
    /// <param name="data">The examples, gone through as often as the steps need.</param>
    /// <param name="minimum">The first rate; above 0. Default 1e-6.</param>
    /// <param name="maximum">The last rate; above the minimum. Default 10.</param>
    /// <param name="steps">How many rates, at least 2, equally far apart in their logarithm. Default 100.</param>
    /// <param name="batchSize">Examples a step; at least 1. Default 32.</param>
    /// <param name="seed">The seed of order and dropout. Default 0.</param>
    /// <param name="options">Clipping and the rest, as training will have them; null for none.</param>
    /// <returns>Rates and smoothed losses; fewer than asked for where the loss came to four times its lowest.</returns>
    /// <exception cref="ArgumentException">A number out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is not compiled, or its optimizer has a schedule.</exception>
    public static LearningRateCurve Run(Network model, Dataset data, double minimum = 1e-6, double maximum = 10, int steps = 100, int batchSize = 32,
        ulong seed = 0, FitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (!(minimum > 0 && maximum > minimum && double.IsFinite(maximum)))
            throw new ArgumentOutOfRangeException(nameof(minimum), FormattableString.Invariant($"LearningRateFinder: expected 0 < minimum < maximum, received {minimum} and {maximum}."));
        CompileSettings compiled = model.RequireCompiled();
        Optimizer optimizer = model.RequireOptimizer();
        if (optimizer.Schedule is not null) throw new InvalidOperationException("LearningRateFinder: the optimizer has a Schedule, which sets the learning rate at every step; set it after the test.");
        options ??= new FitOptions();
        options.Check();
        data = FitLoop.Prepare(model, data);

        float[][] weights = [.. model.Parameters.Select(parameter => parameter.ToArray())];
        (string, float[])[] state = [.. optimizer.SaveState(model.Parameters)];
        var score = new BatchScore(model, compiled, options.ClassWeights);
        double[][] sums = score.SaveState();
        try
        {
            return Measure(new TrainingStep(model, optimizer, score, new BatchReader(data), options, stopAtNonFinite: false), optimizer,
                data.Count, minimum, maximum, steps, Math.Min(batchSize, data.Count), seed);
        }
        finally
        {
            for (int i = 0; i < weights.Length; i++) model.Parameters[i].Set(weights[i]);
            optimizer.LoadState(model.Parameters, state);
            score.LoadState(sums);
        }
    }

    private static LearningRateCurve Measure(TrainingStep step, Optimizer optimizer, int examples, double minimum, double maximum, int steps, int batchSize, ulong seed)
    {
        var rates = new List<double>();
        var losses = new List<double>();
        int[] order = new int[examples];
        int batches = examples / batchSize;
        double average = 0, lowest = double.PositiveInfinity;
        for (int s = 0; s < steps; s++)
        {
            if (s % batches == 0) ExampleOrder.Fill(order, shuffle: true, seed, s / batches);
            double rate = minimum * ScalarMath.Power(maximum / minimum, s / (double)(steps - 1));
            optimizer.LearningRate = (float)rate;
            double loss = step.Run(order.AsSpan(s % batches * batchSize, batchSize), seed, s, (1, s + 1));
            average = Smoothing * average + (1 - Smoothing) * loss;
            double smoothed = average / (1 - ScalarMath.WholePower(Smoothing, s + 1));
            if (!double.IsFinite(smoothed) || smoothed > Explosion * lowest) break;
            lowest = Math.Min(lowest, smoothed);
            rates.Add(rate);
            losses.Add(smoothed);
        }
        return new LearningRateCurve(rates, losses);
    }
}
