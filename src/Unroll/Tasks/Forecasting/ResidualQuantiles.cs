namespace Unroll.Tasks;

/// <summary>
/// Quantiles as the mean plus quantiles of the validation residuals of that step, before the level and the logarithm
/// are put back: so they widen with the horizon, grow with the series where it is multiplicative, and never cross,
/// because a sample's quantiles do not.
/// </summary>
/// <remarks>
/// Few windows say little about which side a forecast errs on: with fewer than 100, each residual counts with both
/// signs, so the median is the mean forecast. With fewer than 10, the residuals of all steps stand for each.
/// </remarks>
internal static class ResidualQuantiles
{
    internal const int FewestToSkew = 100, FewestAStep = 10;

    /// <summary>The offsets [H][Q] from residuals [N, H], by linear interpolation between order statistics (Hyndman and Fan 1996, type 7).</summary>
    public static double[][] Of(ReadOnlySpan<double> residuals, int horizon, IReadOnlyList<double> levels)
    {
        int windows = residuals.Length / horizon;
        double[][] offsets = new double[horizon][];
        for (int h = 0; h < horizon; h++)
        {
            var sample = new List<double>();
            for (int i = 0; i < residuals.Length; i++)
            {
                if (windows >= FewestAStep && i % horizon != h) continue;
                sample.Add(residuals[i]);
                if (windows < FewestToSkew) sample.Add(-residuals[i]);
            }
            sample.Sort();
            offsets[h] = [.. levels.Select(level => QuantileOf(sample, level))];
        }
        return offsets;
    }

    private static double QuantileOf(List<double> sorted, double level)
    {
        double place = level * (sorted.Count - 1);
        int below = Math.Min((int)place, sorted.Count - 1), above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
