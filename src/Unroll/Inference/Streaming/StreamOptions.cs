namespace Unroll.Inference;

/// <summary>How a stream computes.</summary>
public sealed class StreamOptions
{
    private readonly StreamWeights _weights;

    /// <summary>
    /// How weights are stored. Default <see cref="StreamWeights.Float32"/>. <see cref="StreamError.Measure"/> says what the others
    /// cost on given data.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">None of the three.</exception>
    public StreamWeights Weights
    {
        get => _weights;
        init => _weights = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"StreamOptions: weights {(int)value} is not one of {string.Join(", ", Enum.GetNames<StreamWeights>())}.");
    }
}
