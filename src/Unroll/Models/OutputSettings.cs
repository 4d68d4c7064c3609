using System.Globalization;
using Unroll.Losses;
using Unroll.Metrics;

namespace Unroll.Models;

/// <summary>What one output of a model is trained and judged with.</summary>
public sealed record OutputSettings
{
    /// <summary>Settings of an output.</summary>
    /// <param name="loss">What to minimise.</param>
    /// <param name="metrics">What to report beside the loss; each name once.</param>
    /// <exception cref="ArgumentException">Two metrics of one name.</exception>
    public OutputSettings(Loss loss, params IReadOnlyList<Metric> metrics)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(metrics);
        for (int i = 0; i < metrics.Count; i++)
            for (int j = 0; j < i; j++)
                if (metrics[i].Name == metrics[j].Name) throw new ArgumentException($"Compile: two metrics are named '{metrics[i].Name}'.", nameof(metrics));
        Loss = loss;
        Metrics = [.. metrics];
    }

    /// <summary>What to minimise.</summary>
    public Loss Loss { get; }

    /// <summary>What to report beside the loss.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>How much the loss counts in the sum over outputs: finite, at least 0. Default 1.</summary>
    public float Weight
    {
        get;
        init => field = value >= 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Weight), string.Create(CultureInfo.InvariantCulture, $"OutputSettings.Weight: expected a finite weight of 0 or more, received {value}."));
    } = 1;
}
