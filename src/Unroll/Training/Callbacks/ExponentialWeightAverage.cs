namespace Unroll.Training;

/// <summary>
/// Keeps the exponential moving average of the weights, a ← a + (1 − d)·(w − a) after each step, from the weights of the
/// first step on (Polyak averaging as in Keras's <c>use_ema</c>).
/// </summary>
public sealed class ExponentialWeightAverage : WeightAverage
{
    /// <summary>An average of a decay.</summary>
    /// <param name="decay">d, in (0, 1); 1 / (1 − d) is about how many steps it remembers. Default 0.99, Keras's.</param>
    /// <param name="validate">Whether validation uses the average. Default true.</param>
    /// <param name="keepAtEnd">Whether the model has the average when training ends. Default true.</param>
    /// <exception cref="ArgumentOutOfRangeException">A decay outside (0, 1).</exception>
    public ExponentialWeightAverage(double decay = 0.99, bool validate = true, bool keepAtEnd = true)
        : base(validate, keepAtEnd)
    {
        if (!(decay is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "ExponentialWeightAverage: expected a decay above 0 and below 1.");
        Decay = decay;
    }

    /// <summary>d, the share of the average that a step keeps.</summary>
    public double Decay { get; }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Add(context.Model, (float)(1 - Decay));
    }
}
