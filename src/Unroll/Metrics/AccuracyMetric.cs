using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>See <see cref="Metric.Accuracy"/>.</summary>
internal sealed class AccuracyMetric(string name, bool fromLogits, int ignoredTarget) : MeanMetric(name)
{
    internal override JsonObject Settings => new()
    {
        ["kind"] = MetricSettings.Accuracy,
        ["from_logits"] = fromLogits,
        ["ignored_target"] = ignoredTarget,
    };

    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        int target = ClassTargets.Target(Name, row, targets, outputs.Length, ignoredTarget);
        if (target == ClassTargets.Ignored) return;
        Add(ClassTargets.Answer(outputs, fromLogits) == target ? 1 : 0, weight);
    }
}
