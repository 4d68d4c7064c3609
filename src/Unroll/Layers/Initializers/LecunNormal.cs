using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Normal, cut at two deviations as in Keras: variance 1 / fan-in after the cut (LeCun et al. 1998).</summary>
public sealed class LecunNormal : Initializer
{
    /// <inheritdoc/>
    public override string Name => "lecun_normal";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        FillTruncated(rowMajor, Math.Sqrt(1.0 / Math.Max(1, rows)), draws);
    }
}
