using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Uniform within ±√(6 / fan-in): variance 2 / fan-in (He et al. 2015).</summary>
public sealed class HeUniform : Initializer
{
    /// <inheritdoc/>
    public override string Name => "he_uniform";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        double limit = Math.Sqrt(6.0 / Math.Max(1, rows));
        FillUniform(rowMajor, -limit, limit, draws);
    }
}
