namespace Unroll.Metrics;

/// <summary>See <see cref="Metric.Accuracy"/>.</summary>
internal sealed class AccuracyMetric(string name, bool fromLogits, int ignoredTarget) : MeanMetric(name)
{
    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        int target = ClassTargets.Target(Name, row, targets, outputs.Length, ignoredTarget);
        if (target == ClassTargets.Ignored) return;
        Add(ClassTargets.Answer(outputs, fromLogits) == target ? 1 : 0, weight);
    }
}
