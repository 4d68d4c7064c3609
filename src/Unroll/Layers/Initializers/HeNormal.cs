using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Normal, cut at two deviations as in Keras: variance 2 / fan-in after the cut (He et al. 2015).</summary>
public sealed class HeNormal : Initializer
{
    /// <inheritdoc/>
    public override string Name => "he_normal";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        FillTruncated(rowMajor, Math.Sqrt(2.0 / Math.Max(1, rows)), draws);
    }
}
