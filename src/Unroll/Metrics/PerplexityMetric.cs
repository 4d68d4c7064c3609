using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>See <see cref="Metric.Perplexity"/>.</summary>
internal sealed class PerplexityMetric(string name, bool fromLogits, int ignoredTarget) : MeanMetric(name)
{
    public override double Result => DoubleElementary.Exp(base.Result);

    internal override JsonObject Settings => new()
    {
        ["kind"] = MetricSettings.Perplexity,
        ["from_logits"] = fromLogits,
        ["ignored_target"] = ignoredTarget,
    };

    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        if (outputs.Length == 1)
            throw new ArgumentException($"Metric '{Name}': expected an output for each of at least two classes, received 1 a row.", nameof(outputs));
        int target = ClassTargets.Target(Name, row, targets, outputs.Length, ignoredTarget);
        if (target == ClassTargets.Ignored) return;
        double logOfSum = fromLogits ? LogOfSum(outputs) : 0;
        if (targets.Length == 1)
        {
            Add(Nats(outputs[target], logOfSum), weight);
            return;
        }
        double nats = 0;
        for (int i = 0; i < outputs.Length; i++)
            if (targets[i] != 0) nats += targets[i] * Nats(outputs[i], logOfSum); // 0 · ∞ must stay 0
        Add(nats, weight);
    }

    private double Nats(float output, double logOfSum) => fromLogits ? logOfSum - output : -DoubleElementary.Log(output);

    private static double LogOfSum(ReadOnlySpan<float> logits)
    {
        float largest = logits[0];
        foreach (float logit in logits)
            if (!(logit <= largest)) largest = logit; // takes a NaN along
        double sum = 0;
        foreach (float logit in logits) sum += DoubleElementary.Exp((double)logit - largest);
        return largest + DoubleElementary.Log(sum);
    }
}
