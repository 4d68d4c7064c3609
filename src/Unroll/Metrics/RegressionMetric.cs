using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>The mean of an error over a row's outputs, then over the rows by weight, divided by a divisor.</summary>
internal sealed class RegressionMetric(string name, RegressionError error, double divisor = 1) : MeanMetric(name)
{
    public override double Result
    {
        get
        {
            double mean = base.Result / divisor;
            return error == RegressionError.RootSquared ? Math.Sqrt(mean) : mean;
        }
    }

    internal override JsonObject Settings => new()
    {
        ["kind"] = MetricSettings.Regression,
        ["error"] = error.ToString(),
        ["divisor"] = divisor,
    };

    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        if (targets.Length != outputs.Length)
            throw new ArgumentException($"Metric '{Name}': expected one target for each of {outputs.Length} outputs a row, received {targets.Length}.", nameof(targets));
        double sum = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            double difference = (double)targets[i] - outputs[i];
            sum += error switch
            {
                RegressionError.Absolute => Math.Abs(difference),
                RegressionError.SymmetricPercentage => ForecastErrors.SymmetricPercentage(targets[i], outputs[i]),
                _ => difference * difference,
            };
        }
        Add(sum / outputs.Length, weight);
    }
}
