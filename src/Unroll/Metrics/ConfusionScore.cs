namespace Unroll.Metrics;

/// <summary>Which score <see cref="ConfusionMetric"/> makes of its counts.</summary>
internal enum ConfusionScore
{
    Precision,
    Recall,
    F1,
}
