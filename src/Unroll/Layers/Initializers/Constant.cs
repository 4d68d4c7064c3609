using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>One number everywhere.</summary>
/// <param name="value">Default 0.</param>
public sealed class Constant(float value = 0) : Initializer
{
    /// <inheritdoc/>
    public override string Name => "constant";

    /// <summary>The number.</summary>
    public float Value { get; } = value;

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["value"] = (double)Value };

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws) => rowMajor.Fill(Value);
}
