namespace Unroll.Tasks;

/// <summary>
/// Quantiles as the mean plus quantiles of the validation residuals of that step, before the level and the logarithm
/// are put back: so they widen with the horizon, grow with the series where it is multiplicative, and never cross,
/// because a sample's quantiles do not.
/// </summary>
internal static class ResidualQuantiles
{
    /// <summary>The offsets [H][Q] from residuals [N, H], by linear interpolation between order statistics (Hyndman and Fan 1996, type 7).</summary>
    public static double[][] Of(ReadOnlySpan<double> residuals, int horizon, IReadOnlyList<double> levels)
    {
        int count = residuals.Length / horizon;
        double[][] offsets = new double[horizon][];
        double[] column = new double[count];
        for (int h = 0; h < horizon; h++)
        {
            for (int n = 0; n < count; n++) column[n] = residuals[n * horizon + h];
            Array.Sort(column);
            offsets[h] = new double[levels.Count];
            for (int q = 0; q < levels.Count; q++)
            {
                double place = levels[q] * (count - 1);
                int below = Math.Min((int)place, count - 1), above = Math.Min(below + 1, count - 1);
                offsets[h][q] = column[below] + (place - below) * (column[above] - column[below]);
            }
        }
        return offsets;
    }
}
