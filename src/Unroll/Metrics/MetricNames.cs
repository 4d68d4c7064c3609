namespace Unroll.Metrics;

/// <summary>The strings that stand for metrics.</summary>
internal static class MetricNames
{
    public static readonly (string Name, Func<Metric> Create)[] All =
    [
        ("accuracy", () => Metric.Accuracy()),
        ("acc", () => Metric.Accuracy()),
        ("categorical_accuracy", () => Metric.Accuracy()),
        ("sparse_categorical_accuracy", () => Metric.Accuracy()),
        ("binary_accuracy", () => Metric.BinaryAccuracy()),
        ("top_k_categorical_accuracy", () => Metric.TopK()),
        ("sparse_top_k_categorical_accuracy", () => Metric.TopK()),
        ("precision", () => Metric.Precision()),
        ("recall", () => Metric.Recall()),
        ("f1", () => Metric.F1()),
        ("f1_score", () => Metric.F1()),
        ("perplexity", () => Metric.Perplexity()),
        ("mae", Metric.MeanAbsoluteError),
        ("mean_absolute_error", Metric.MeanAbsoluteError),
        ("mse", Metric.MeanSquaredError),
        ("mean_squared_error", Metric.MeanSquaredError),
        ("rmse", Metric.RootMeanSquaredError),
        ("root_mean_squared_error", Metric.RootMeanSquaredError),
        ("smape", Metric.SymmetricMeanAbsolutePercentageError),
        ("symmetric_mean_absolute_percentage_error", Metric.SymmetricMeanAbsolutePercentageError),
    ];

    public static Metric Create(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach ((string known, Func<Metric> create) in All)
        {
            if (!string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) continue;
            Metric metric = create();
            metric.Name = known;
            return metric;
        }
        throw new ArgumentException(
            $"No metric is named '{name}'. Known are {string.Join(", ", All.Select(known => known.Name))}. "
            + "MASE needs the training part: Metric.MeanAbsoluteScaledError.", nameof(name));
    }
}
