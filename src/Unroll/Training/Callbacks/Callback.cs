namespace Unroll.Training;

/// <summary>
/// Something that watches a training or takes part in it. Every method does nothing unless overridden. What a callback
/// remembers between epochs belongs into <see cref="SaveState"/>, so that a resumed training goes on as if nothing had
/// happened. One object serves one training at a time.
/// </summary>
public abstract class Callback
{
    /// <summary>Before the first step, and again before the first step after resuming (with the state loaded).</summary>
    public virtual void OnTrainBegin(TrainingContext context)
    {
    }

    /// <summary>After the last epoch, also when training was stopped early; not after an error or a cancellation.</summary>
    public virtual void OnTrainEnd(TrainingContext context)
    {
    }

    /// <summary>Before an epoch's first step; not again when training resumes within an epoch.</summary>
    public virtual void OnEpochBegin(TrainingContext context)
    {
    }

    /// <summary>After an epoch's last step, before its validation; not where there is none.</summary>
    public virtual void OnValidationBegin(TrainingContext context)
    {
    }

    /// <summary>After the validation, also when it was cancelled or failed; in the reverse order of the callbacks.</summary>
    public virtual void OnValidationEnd(TrainingContext context)
    {
    }

    /// <summary>After an epoch and its validation.</summary>
    /// <param name="context">The training.</param>
    /// <param name="result">The epoch's loss and metrics, validation included.</param>
    public virtual void OnEpochEnd(TrainingContext context, EpochResult result)
    {
    }

    /// <summary>After a step.</summary>
    public virtual void OnBatchEnd(TrainingContext context)
    {
    }

    /// <summary>Puts what the callback remembers into a checkpoint.</summary>
    public virtual void SaveState(CallbackState state)
    {
    }

    /// <summary>Takes back what <see cref="SaveState"/> put.</summary>
    public virtual void LoadState(CallbackState state)
    {
    }
}
