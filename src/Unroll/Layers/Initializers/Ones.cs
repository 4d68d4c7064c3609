using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Ones: the default of normalisation's scales.</summary>
public sealed class Ones : Initializer
{
    /// <inheritdoc/>
    public override string Name => "ones";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws) => rowMajor.Fill(1);
}
