namespace Unroll.Training;

/// <summary>Sets the learning rate before each epoch.</summary>
public sealed class LearningRateScheduler : Callback
{
    private readonly Func<int, float, float> _schedule;

    /// <summary>A schedule by epoch.</summary>
    /// <param name="schedule">From the epoch, counted from 0 as in Keras, and the learning rate so far to the new one.</param>
    public LearningRateScheduler(Func<int, float, float> schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        _schedule = schedule;
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        if (context.Optimizer.Schedule is not null)
            throw new InvalidOperationException("LearningRateScheduler: the optimizer has a Schedule, which sets the learning rate at every step; use one of the two.");
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingContext context) =>
        context.Optimizer.LearningRate = _schedule(context.Epoch - 1, context.Optimizer.LearningRate);
}
