using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Uniform within ±√(6 / (fan-in + fan-out)): variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010).</summary>
public sealed class GlorotUniform : Initializer
{
    /// <inheritdoc/>
    public override string Name => "glorot_uniform";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        double limit = Math.Sqrt(6.0 / Math.Max(1L, (long)rows + columns));
        FillUniform(rowMajor, -limit, limit, draws);
    }
}
