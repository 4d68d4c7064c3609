namespace Unroll.Tasks;

/// <summary>
/// Quantiles as the mean plus quantiles of the validation residuals of that step, before the level and the logarithm
/// are put back: so they widen with the horizon, grow with the series where it is multiplicative, and never cross,
/// because a sample's quantiles do not.
/// </summary>
/// <remarks>
/// Few windows say little about which side a forecast errs on: with fewer than 100, each residual counts with both
/// signs, so the median is the mean forecast. With fewer than 10, the residuals of all steps stand for each.
/// Few windows of consecutive rows also overlap, and may all lie in a stretch that was easy to forecast, on which the
/// model was chosen besides. So with fewer than 100 the quantiles are no nearer to the mean than those of the training
/// residuals, which a model fitted to them understates rather than overstates.
/// </remarks>
internal static class ResidualQuantiles
{
    internal const int FewestToSkew = 100, FewestAStep = 10;

    /// <summary>Whether that many validation windows are too few to stand alone.</summary>
    public static bool AreFew(int windows) => windows < FewestToSkew;

    /// <summary>The offsets [H][Q] from residuals [N, H], by linear interpolation between order statistics (Hyndman and Fan 1996, type 7).</summary>
    /// <param name="validation">Residuals of the validation windows [N, H].</param>
    /// <param name="training">Residuals of the training windows [M, H]; used where N is small, and may then be empty too.</param>
    /// <param name="horizon">H.</param>
    /// <param name="levels">Q levels, increasing.</param>
    public static double[][] Of(ReadOnlySpan<double> validation, ReadOnlySpan<double> training, int horizon, IReadOnlyList<double> levels)
    {
        bool few = AreFew(validation.Length / horizon);
        double[][] offsets = Of(validation, horizon, levels, few);
        if (!few || training.IsEmpty) return offsets;
        double[][] least = Of(training, horizon, levels, bothSigns: true);
        for (int h = 0; h < horizon; h++)
            for (int q = 0; q < levels.Count; q++)
                if (Math.Abs(least[h][q]) > Math.Abs(offsets[h][q])) offsets[h][q] = least[h][q];
        return offsets;
    }

    private static double[][] Of(ReadOnlySpan<double> residuals, int horizon, IReadOnlyList<double> levels, bool bothSigns)
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
                if (bothSigns) sample.Add(-residuals[i]);
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
