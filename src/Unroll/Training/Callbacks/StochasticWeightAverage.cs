namespace Unroll.Training;

/// <summary>
/// Keeps the mean of the weights at the ends of late epochs, where a constant or cyclical rate walks around a minimum
/// (Izmailov et al. 2018, arXiv 1803.05407): a ← a + (w − a) / (n + 1).
/// </summary>
public sealed class StochasticWeightAverage : WeightAverage
{
    /// <summary>A mean over epochs.</summary>
    /// <param name="startEpoch">The first epoch whose weights count, from 1. The paper begins after about three quarters.</param>
    /// <param name="everyEpochs">Epochs from one that counts to the next; at least 1. Default 1.</param>
    /// <param name="learningRate">The rate from the start epoch on; null leaves it to the optimiser. Default null.</param>
    /// <param name="validate">Whether validation uses the mean; the epoch just ended counts from the next validation on. Default true.</param>
    /// <param name="keepAtEnd">Whether the model has the mean when training ends. Default true.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public StochasticWeightAverage(int startEpoch, int everyEpochs = 1, float? learningRate = null, bool validate = true, bool keepAtEnd = true)
        : base(validate, keepAtEnd)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(startEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(everyEpochs, 1);
        if (learningRate is { } rate && !(float.IsFinite(rate) && rate >= 0))
            throw new ArgumentOutOfRangeException(nameof(learningRate), rate, "StochasticWeightAverage: expected a learning rate that is finite and at least 0.");
        (StartEpoch, EveryEpochs, LearningRate) = (startEpoch, everyEpochs, learningRate);
    }

    /// <summary>The first epoch whose weights count, from 1.</summary>
    public int StartEpoch { get; }

    /// <summary>Epochs from one that counts to the next.</summary>
    public int EveryEpochs { get; }

    /// <summary>The rate from the start epoch on, or null.</summary>
    public float? LearningRate { get; }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        base.OnTrainBegin(context);
        if (LearningRate is not null && context.Optimizer.Schedule is not null)
            throw new InvalidOperationException("StochasticWeightAverage: the optimizer has a Schedule, which sets the learning rate at every step; use one of the two.");
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (LearningRate is { } rate && context.Epoch >= StartEpoch) context.Optimizer.LearningRate = rate;
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        bool isLast = context.Batch == context.Batches;
        if (isLast && context.Epoch >= StartEpoch && (context.Epoch - StartEpoch) % EveryEpochs == 0)
            Add(context.Model, (float)(1.0 / (Updates + 1)));
    }
}
