using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Normal, cut at two deviations as in Keras: variance 2 / (fan-in + fan-out) after the cut (Glorot and Bengio 2010).</summary>
public sealed class GlorotNormal : Initializer
{
    /// <inheritdoc/>
    public override string Name => "glorot_normal";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        FillTruncated(rowMajor, Math.Sqrt(2.0 / Math.Max(1L, (long)rows + columns)), draws);
    }
}
