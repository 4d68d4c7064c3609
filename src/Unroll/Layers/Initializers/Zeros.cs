using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Zeros: the default of biases.</summary>
public sealed class Zeros : Initializer
{
    /// <inheritdoc/>
    public override string Name => "zeros";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws) => rowMajor.Clear();
}
