using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Uniform between two bounds; Keras's defaults.</summary>
public sealed class RandomUniform : Initializer
{
    /// <summary>Uniform in [minimum, maximum).</summary>
    /// <param name="minimum">Default −0.05.</param>
    /// <param name="maximum">At least the minimum. Default 0.05.</param>
    public RandomUniform(double minimum = -0.05, double maximum = 0.05)
    {
        Minimum = Finite(minimum, nameof(minimum));
        Maximum = Finite(maximum, nameof(maximum));
        if (maximum < minimum) throw new ArgumentOutOfRangeException(nameof(maximum), maximum, FormattableString.Invariant($"maximum is at least minimum, {minimum}."));
    }

    /// <inheritdoc/>
    public override string Name => "random_uniform";

    /// <summary>The lower bound.</summary>
    public double Minimum { get; }

    /// <summary>The upper bound.</summary>
    public double Maximum { get; }

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["minimum"] = Minimum, ["maximum"] = Maximum };

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws) => FillUniform(rowMajor, Minimum, Maximum, draws);
}
