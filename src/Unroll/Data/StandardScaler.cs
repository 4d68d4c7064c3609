namespace Unroll.Data;

/// <summary>
/// x' = (x − mean) / standard deviation, with the population's deviation (divided by n). A constant column, which has
/// none, is divided by 1, so it becomes 0 and comes back exactly.
/// </summary>
public sealed class StandardScaler : Scaler
{
    /// <summary>A scaler from known statistics.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A mean that is not finite, or a deviation not above 0.</exception>
    public StandardScaler(double mean, double standardDeviation)
        : base("standard", mean, standardDeviation)
    {
    }

    /// <summary>Fits mean and deviation, in double, summed from the first row to the last.</summary>
    /// <param name="training">The training part of the column, and nothing else.</param>
    /// <exception cref="ArgumentException">No values, or one that is not finite.</exception>
    public static StandardScaler Fit(ReadOnlySpan<float> training)
    {
        (float minimum, float maximum) = Range(training);
        // Compared, not computed: rounding in the mean would give equal values a deviation of 1e-17.
        if (minimum == maximum) return new StandardScaler(minimum, 1);
        double sum = 0;
        foreach (float value in training) sum += value;
        double mean = sum / training.Length, squares = 0;
        foreach (float value in training) squares += (value - mean) * (value - mean);
        return new StandardScaler(mean, Math.Sqrt(squares / training.Length));
    }
}
