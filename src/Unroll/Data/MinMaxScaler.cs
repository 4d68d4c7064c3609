namespace Unroll.Data;

/// <summary>
/// x' = (x − minimum) / (maximum − minimum), so the training part fills [0, 1]. A constant column is divided by 1, so
/// it becomes 0 and comes back exactly.
/// </summary>
public sealed class MinMaxScaler : Scaler
{
    /// <summary>A scaler from known statistics.</summary>
    /// <param name="minimum">What becomes 0.</param>
    /// <param name="width">The maximum less the minimum; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that is not finite, or a width not above 0.</exception>
    public MinMaxScaler(double minimum, double width)
        : base("min_max", minimum, width)
    {
    }

    /// <summary>Fits the smallest and the largest value.</summary>
    /// <param name="training">The training part of the column, and nothing else.</param>
    /// <exception cref="ArgumentException">No values, or one that is not finite.</exception>
    public static MinMaxScaler Fit(ReadOnlySpan<float> training)
    {
        (float minimum, float maximum) = Range(training);
        return new MinMaxScaler(minimum, minimum == maximum ? 1 : (double)maximum - minimum);
    }
}
