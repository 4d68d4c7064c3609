namespace Unroll.Training;

/// <summary>What a learning-rate range test found.</summary>
/// <param name="Rates">The rates, rising.</param>
/// <param name="Losses">The loss at each, an exponential average over steps (0.9, corrected for its start).</param>
public sealed record LearningRateCurve(IReadOnlyList<double> Rates, IReadOnlyList<double> Losses)
{
    /// <summary>The rate at which the loss falls fastest over the logarithm of the rate, before its lowest point; a good one to begin with.</summary>
    /// <exception cref="InvalidOperationException">The loss never fell.</exception>
    public double Steepest
    {
        get
        {
            int lowest = 0, best = -1;
            for (int i = 1; i < Losses.Count; i++) if (Losses[i] < Losses[lowest]) lowest = i;
            double fall = 0;
            // Rates are equally far apart in their logarithm, so differences of losses compare.
            for (int i = 1; i < lowest; i++)
                if (Losses[i - 1] - Losses[i + 1] > fall) (fall, best) = (Losses[i - 1] - Losses[i + 1], i);
            return best >= 0 ? Rates[best] : throw new InvalidOperationException("LearningRateCurve: the loss never fell. Begin at a lower rate, or give more steps.");
        }
    }
}
