using Unroll.Models;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>A training as its callbacks see it.</summary>
public sealed class TrainingContext
{
    internal TrainingContext(Network model, Optimizer optimizer, History history, int epochs, int batches)
    {
        Model = model;
        Optimizer = optimizer;
        History = history;
        Epochs = epochs;
        Batches = batches;
    }

    /// <summary>The model being trained.</summary>
    public Network Model { get; }

    /// <summary>The optimiser, whose learning rate a callback may change.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The epochs done so far.</summary>
    public History History { get; }

    /// <summary>The number of the epoch under way, from 1.</summary>
    public int Epoch { get; internal set; }

    /// <summary>How many epochs are meant to be.</summary>
    public int Epochs { get; }

    /// <summary>Steps done in this epoch.</summary>
    public int Batch { get; internal set; }

    /// <summary>Steps an epoch.</summary>
    public int Batches { get; }

    /// <summary>The loss of the last step.</summary>
    public float BatchLoss { get; internal set; }

    /// <summary>Whether this training goes on from a checkpoint.</summary>
    public bool IsResumed { get; internal set; }

    /// <summary>Whether training ends after this epoch.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Why, when it was stopped.</summary>
    public string? StopReason { get; private set; }

    /// <summary>Ends training after the epoch under way.</summary>
    /// <param name="reason">One sentence for the user, kept in <see cref="History.StopReason"/>.</param>
    public void Stop(string reason)
    {
        IsStopped = true;
        StopReason ??= reason;
    }
}
