using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Normal, cut at two deviations, which leaves 0.8796 of the deviation; Keras's defaults.</summary>
public sealed class TruncatedNormal : Initializer
{
    /// <summary>Normal numbers.</summary>
    /// <param name="mean">Default 0.</param>
    /// <param name="deviation">The standard deviation, at least 0. Default 0.05.</param>
    public TruncatedNormal(double mean = 0, double deviation = 0.05)
    {
        Mean = Finite(mean, nameof(mean));
        Deviation = Finite(deviation, nameof(deviation));
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
    }

    /// <inheritdoc/>
    public override string Name => "truncated_normal";

    /// <summary>The mean.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation of the normal.</summary>
    public double Deviation { get; }

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["mean"] = Mean, ["deviation"] = Deviation };

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        for (int i = 0; i < rowMajor.Length; i++) rowMajor[i] = (float)(Mean + Deviation * NormalDraw.Truncated(draws, i));
    }
}
