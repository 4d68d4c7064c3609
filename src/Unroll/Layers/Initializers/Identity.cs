using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>A gain where row and column are equal, zeros elsewhere; the matrix need not be square.</summary>
/// <param name="gain">Default 1.</param>
public sealed class Identity(float gain = 1) : Initializer
{
    /// <inheritdoc/>
    public override string Name => "identity";

    /// <summary>What stands on the diagonal.</summary>
    public float Gain { get; } = gain;

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["gain"] = (double)Gain };

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        rowMajor.Clear();
        for (int i = 0; i < Math.Min(rows, columns); i++) rowMajor[i * columns + i] = Gain;
    }
}
