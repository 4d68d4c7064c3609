using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>See <see cref="Metric.TopK"/>.</summary>
internal sealed class TopKMetric : MeanMetric
{
    private readonly int _k, _ignoredTarget;

    public TopKMetric(string name, int k, int ignoredTarget)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        _k = k;
        _ignoredTarget = ignoredTarget;
    }

    internal override JsonObject Settings => new()
    {
        ["kind"] = MetricSettings.TopK,
        ["k"] = _k,
        ["ignored_target"] = _ignoredTarget,
    };

    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        if (outputs.Length == 1)
            throw new ArgumentException($"Metric '{Name}': expected an output for each of at least two classes, received 1 a row.", nameof(outputs));
        int target = ClassTargets.Target(Name, row, targets, outputs.Length, _ignoredTarget);
        if (target == ClassTargets.Ignored) return;
        int ahead = 0;
        bool number = true;
        for (int i = 0; i < outputs.Length; i++)
        {
            number &= !float.IsNaN(outputs[i]);
            if (outputs[i] > outputs[target] || (outputs[i] == outputs[target] && i < target)) ahead++;
        }
        Add(number && ahead < _k ? 1 : 0, weight);
    }
}
