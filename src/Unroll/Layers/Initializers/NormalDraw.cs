using Unroll.Basics;
using Unroll.Kernels.Scalars;

namespace Unroll.Layers;

/// <summary>Standard normal numbers from a stream, one an index.</summary>
internal static class NormalDraw
{
    private const double Cut = 2;

    /// <summary>√(−2·ln u)·cos(2π·v) (Box and Muller 1958), with u in (0, 1] from draw 2·index and v from the next.</summary>
    public static double Of(RandomStream draws, long index)
    {
        double u = 1 - draws.UniformDouble(2 * index), halfTurns = 2 * draws.UniformDouble(2 * index + 1);
        if (halfTurns > 1) halfTurns = 2 - halfTurns;
        return Math.Sqrt(-2 * ScalarMath.Log(u)) * ScalarMath.CosineOfHalfTurn(halfTurns);
    }

    /// <summary>The first of the index's draws that is within two deviations; each further one is from a forked stream.</summary>
    public static double Truncated(RandomStream draws, long index)
    {
        double x = Of(draws, index);
        while (Math.Abs(x) > Cut)
        {
            draws = draws.Fork("redraw");
            x = Of(draws, index);
        }
        return x;
    }
}
