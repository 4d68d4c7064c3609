using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>See <see cref="Metric.BinaryAccuracy"/>.</summary>
internal sealed class BinaryAccuracyMetric(string name, bool fromLogits, int ignoredTarget) : MeanMetric(name)
{
    internal override JsonObject Settings => new()
    {
        ["kind"] = MetricSettings.BinaryAccuracy,
        ["from_logits"] = fromLogits,
        ["ignored_target"] = ignoredTarget,
    };

    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        if (targets.Length != outputs.Length)
            throw new ArgumentException($"Metric '{Name}': expected one target for each of {outputs.Length} outputs a row, received {targets.Length}.", nameof(targets));
        for (int i = 0; i < outputs.Length; i++)
        {
            if (targets[i] == ignoredTarget) continue;
            bool meant = ClassTargets.Binary(Name, row, targets[i]);
            Add(ClassTargets.Answer(outputs.Slice(i, 1), fromLogits) == (meant ? 1 : 0) ? 1 : 0, weight);
        }
    }
}
