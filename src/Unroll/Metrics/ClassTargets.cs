namespace Unroll.Metrics;

/// <summary>Reads a classifier's rows: which class was meant, and which answered.</summary>
internal static class ClassTargets
{
    /// <summary>What <see cref="Target"/> returns for a row that is not counted.</summary>
    public const int Ignored = -1;

    /// <summary>The class that a row's targets mean; with one output a row 0 or 1.</summary>
    public static int Target(string metric, int row, ReadOnlySpan<float> targets, int outputs, int ignoredTarget)
    {
        foreach (float target in targets)
            if (target == ignoredTarget) return Ignored;
        if (outputs == 1) return Binary(metric, row, targets[0]) ? 1 : 0;
        if (targets.Length > 1)
        {
            int largest = Largest(targets);
            if (largest < 0)
                throw new ArgumentException($"Metric '{metric}', row {row + 1}: the target is not a number.", nameof(targets));
            return largest;
        }
        float index = targets[0];
        if (!(index >= 0 && index < outputs) || index != MathF.Floor(index))
        {
            throw new ArgumentException(
                $"Metric '{metric}', row {row + 1}: expected a class index from 0 to {outputs - 1}, or {ignoredTarget} for a row "
                + $"that is not counted, received {index}.", nameof(targets));
        }
        return (int)index;
    }

    /// <summary>Whether a single target in [0, 1] means yes: above 0.5.</summary>
    public static bool Binary(string metric, int row, float target)
        => target is >= 0 and <= 1
            ? target > 0.5f
            : throw new ArgumentException($"Metric '{metric}', row {row + 1}: expected a target from 0 to 1, received {target}.", nameof(target));

    /// <summary>The class that a row's outputs mean, or −1 where one is NaN.</summary>
    public static int Answer(ReadOnlySpan<float> outputs, bool fromLogits)
    {
        if (outputs.Length > 1) return Largest(outputs);
        return float.IsNaN(outputs[0]) ? -1 : outputs[0] > Threshold(fromLogits) ? 1 : 0;
    }

    public static float Threshold(bool fromLogits) => fromLogits ? 0 : 0.5f;

    private static int Largest(ReadOnlySpan<float> values)
    {
        int largest = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i])) return -1;
            if (values[i] > values[largest]) largest = i;
        }
        return largest;
    }
}
