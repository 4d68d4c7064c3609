using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>
/// A number reported beside the loss, gathered over batches: <see cref="Reset"/>, then <see cref="Update"/> for each
/// batch, then <see cref="Result"/>. Sums are in double and in the order of the rows. Not for use from two threads
/// at once.
/// </summary>
/// <remarks>
/// A row is one thing to be right about: one sample, or one real (not padded) step of a sequence. A classifier's
/// targets are one class index a row or a row as wide as the outputs (one-hot or probabilities). Where several outputs
/// are equally large, the lowest index counts as the answer; a row with a NaN output is never right.
/// </remarks>
public abstract class Metric
{
    /// <summary>The class index that marks a row as not counted, unless another one is chosen.</summary>
    public const int DefaultIgnoredTarget = -100;

    /// <summary>A metric of this name.</summary>
    /// <exception cref="ArgumentException">An empty name.</exception>
    protected Metric(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>The name that logs and histories use, as Keras prints it: "accuracy", "mean_absolute_error", "mae".</summary>
    public string Name { get; internal set; }

    /// <summary>The metric over all rows since the last reset; NaN where no row has counted.</summary>
    public abstract double Result { get; }

    /// <summary>What makes an equal metric together with the name, "kind" first, for a model's file; null for one that is not this library's.</summary>
    internal virtual JsonObject? Settings => null;

    /// <summary>Forgets every row.</summary>
    public abstract void Reset();

    /// <summary>The sums so far, for a checkpoint within an epoch. What they mean is the metric's own business.</summary>
    public abstract double[] SaveState();

    /// <summary>Goes on from sums that <see cref="SaveState"/> gave, to the same bits.</summary>
    /// <exception cref="ArgumentException">Not a state of this metric.</exception>
    public abstract void LoadState(ReadOnlySpan<double> state);

    /// <summary>Adds a batch.</summary>
    /// <param name="outputs">The network's answers, [rows, outputsPerRow].</param>
    /// <param name="targets">The truth, [rows, targetsPerRow].</param>
    /// <param name="rows">The number of real rows; at least 0.</param>
    /// <param name="outputsPerRow">The width of an output row; at least 1.</param>
    /// <param name="targetsPerRow">The width of a target row: 1, or that of the outputs.</param>
    /// <param name="weights">One weight of at least 0 a row, or empty for 1 each; a row of weight 0 is not read.</param>
    /// <exception cref="ArgumentException">A span of another length, a negative weight, or a target that the metric cannot take.</exception>
    public void Update(ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, int rows, int outputsPerRow, int targetsPerRow,
        ReadOnlySpan<float> weights = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputsPerRow, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetsPerRow, 1);
        if (outputs.Length != (long)rows * outputsPerRow)
            throw new ArgumentException($"Metric '{Name}': expected outputs of [{rows}, {outputsPerRow}], received {outputs.Length} numbers.", nameof(outputs));
        if (targets.Length != (long)rows * targetsPerRow)
            throw new ArgumentException($"Metric '{Name}': expected targets of [{rows}, {targetsPerRow}], received {targets.Length} numbers.", nameof(targets));
        if (!weights.IsEmpty && weights.Length != rows)
            throw new ArgumentException($"Metric '{Name}': expected {rows} weights, one a row, received {weights.Length}.", nameof(weights));
        if (targetsPerRow != 1 && targetsPerRow != outputsPerRow)
        {
            throw new ArgumentException(
                $"Metric '{Name}': expected 1 or {outputsPerRow} targets a row for {outputsPerRow} outputs a row, received {targetsPerRow}.", nameof(targets));
        }
        for (int row = 0; row < rows; row++)
        {
            float weight = weights.IsEmpty ? 1 : weights[row];
            if (!(weight >= 0) || float.IsInfinity(weight))
                throw new ArgumentException($"Metric '{Name}', row {row + 1}: expected a finite weight of at least 0, received {weight}.", nameof(weights));
            if (weight == 0) continue;
            AddRow(row, outputs.Slice(row * outputsPerRow, outputsPerRow), targets.Slice(row * targetsPerRow, targetsPerRow), weight);
        }
    }

    /// <summary>Adds one row of a weight above 0.</summary>
    /// <param name="row">The row's index in its batch, for errors.</param>
    /// <param name="outputs">The row's outputs.</param>
    /// <param name="targets">The row's targets: 1, or as many as the outputs.</param>
    /// <param name="weight">The row's weight.</param>
    protected abstract void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight);

    /// <summary>
    /// The share of rows whose answer is right: the largest output, or with one output a row whether it is above 0.5
    /// where the target is 1 and not where it is 0.
    /// </summary>
    /// <param name="fromLogits">With one output a row: it is a logit, and the threshold 0 rather than 0.5.</param>
    /// <param name="ignoredTarget">Rows of this target are not counted.</param>
    public static Metric Accuracy(bool fromLogits = false, int ignoredTarget = DefaultIgnoredTarget)
        => new AccuracyMetric("accuracy", fromLogits, ignoredTarget);

    /// <summary>The share of single outputs on the right side of the threshold, for several yes-or-no answers a row.</summary>
    /// <param name="fromLogits">Outputs are logits, and the threshold 0 rather than 0.5.</param>
    /// <param name="ignoredTarget">Single targets of this value are not counted.</param>
    public static Metric BinaryAccuracy(bool fromLogits = false, int ignoredTarget = DefaultIgnoredTarget)
        => new BinaryAccuracyMetric("binary_accuracy", fromLogits, ignoredTarget);

    /// <summary>The share of rows whose target is among the k largest outputs.</summary>
    /// <param name="k">At least 1. Keras's default is 5.</param>
    /// <param name="ignoredTarget">Rows of this target are not counted.</param>
    /// <exception cref="ArgumentOutOfRangeException">k below 1.</exception>
    public static Metric TopK(int k = 5, int ignoredTarget = DefaultIgnoredTarget)
        => new TopKMetric("top_k_categorical_accuracy", k, ignoredTarget);

    /// <summary>Precision, TP / (TP + FP); 0 for a class that was never predicted.</summary>
    /// <param name="averaging">How classes make one number.</param>
    /// <param name="fromLogits">With one output a row: it is a logit.</param>
    /// <param name="ignoredTarget">Rows of this target are not counted.</param>
    public static Metric Precision(Averaging averaging = Averaging.Automatic, bool fromLogits = false, int ignoredTarget = DefaultIgnoredTarget)
        => new ConfusionMetric("precision", ConfusionScore.Precision, averaging, fromLogits, ignoredTarget);

    /// <summary>Recall, TP / (TP + FN); 0 for a class that never occurred.</summary>
    /// <param name="averaging">How classes make one number.</param>
    /// <param name="fromLogits">With one output a row: it is a logit.</param>
    /// <param name="ignoredTarget">Rows of this target are not counted.</param>
    public static Metric Recall(Averaging averaging = Averaging.Automatic, bool fromLogits = false, int ignoredTarget = DefaultIgnoredTarget)
        => new ConfusionMetric("recall", ConfusionScore.Recall, averaging, fromLogits, ignoredTarget);

    /// <summary>F1, the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); macro is the mean of the classes' F1.</summary>
    /// <param name="averaging">How classes make one number.</param>
    /// <param name="fromLogits">With one output a row: it is a logit.</param>
    /// <param name="ignoredTarget">Rows of this target are not counted.</param>
    public static Metric F1(Averaging averaging = Averaging.Automatic, bool fromLogits = false, int ignoredTarget = DefaultIgnoredTarget)
        => new ConfusionMetric("f1_score", ConfusionScore.F1, averaging, fromLogits, ignoredTarget);

    /// <summary>
    /// exp of the mean cross-entropy in nats. Infinite where a target has the probability 0; NaN after a NaN.
    /// </summary>
    /// <param name="fromLogits">Outputs are logits rather than probabilities.</param>
    /// <param name="ignoredTarget">Rows of this target are not counted.</param>
    public static Metric Perplexity(bool fromLogits = false, int ignoredTarget = DefaultIgnoredTarget)
        => new PerplexityMetric("perplexity", fromLogits, ignoredTarget);

    /// <summary>The mean of |target − output|. NaN after a NaN.</summary>
    public static Metric MeanAbsoluteError() => new RegressionMetric("mean_absolute_error", RegressionError.Absolute);

    /// <summary>The mean of (target − output)². NaN after a NaN.</summary>
    public static Metric MeanSquaredError() => new RegressionMetric("mean_squared_error", RegressionError.Squared);

    /// <summary>The square root of the mean of (target − output)², over all rows and not batch by batch. NaN after a NaN.</summary>
    public static Metric RootMeanSquaredError() => new RegressionMetric("root_mean_squared_error", RegressionError.RootSquared);

    /// <summary>
    /// The M4 competition's sMAPE in percent, the mean of 200 |y − f| / (|y| + |f|), in [0, 200]; a point where both
    /// are 0 counts as 0. NaN after a NaN.
    /// </summary>
    public static Metric SymmetricMeanAbsolutePercentageError()
        => new RegressionMetric("symmetric_mean_absolute_percentage_error", RegressionError.SymmetricPercentage);

    /// <summary>
    /// MASE (Hyndman and Koehler 2006): the mean of |target − output| divided by the naive forecast's mean absolute
    /// error on the training part. NaN after a NaN.
    /// </summary>
    /// <param name="insampleNaiveError">That error, above 0; <see cref="ForecastErrors.NaiveError"/> computes it.</param>
    /// <exception cref="ArgumentOutOfRangeException">An error that is not above 0: the training part is constant, and MASE undefined.</exception>
    public static Metric MeanAbsoluteScaledError(double insampleNaiveError)
    {
        if (!(insampleNaiveError > 0) || double.IsInfinity(insampleNaiveError))
        {
            throw new ArgumentOutOfRangeException(nameof(insampleNaiveError),
                $"MASE: expected a naive error above 0, received {insampleNaiveError}; for a constant series MASE is undefined.");
        }
        return new RegressionMetric("mean_absolute_scaled_error", RegressionError.Absolute, insampleNaiveError);
    }

    /// <summary>A metric by its Keras name or short name, which becomes its <see cref="Name"/>.</summary>
    /// <exception cref="ArgumentException">An unknown name; the message lists the known ones.</exception>
    public static Metric FromName(string name) => MetricNames.Create(name);
}
