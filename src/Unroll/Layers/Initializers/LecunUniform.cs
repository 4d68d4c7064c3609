using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>Uniform within ±√(3 / fan-in): variance 1 / fan-in (LeCun et al. 1998).</summary>
public sealed class LecunUniform : Initializer
{
    /// <inheritdoc/>
    public override string Name => "lecun_uniform";

    private protected override void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        double limit = Math.Sqrt(3.0 / Math.Max(1, rows));
        FillUniform(rowMajor, -limit, limit, draws);
    }
}
