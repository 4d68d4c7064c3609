using Unroll.Kernels.Layouts;

namespace Unroll.Autograd;

/// <summary>What a layer needs to know about the pass that it takes part in. A value; making one allocates nothing.</summary>
/// <param name="Tape">Where tensors are made and, when it records, operations are kept for the backward pass.</param>
/// <param name="Training">Whether dropout and its like are active. Default false.</param>
/// <param name="Seed">The seed of every random draw. Default 0.</param>
/// <param name="Step">The training step, a coordinate of every random draw. Default 0.</param>
/// <param name="States">From which recurrent layers go on and where they leave their last state; null, the default, to begin at zeros.</param>
public readonly record struct Pass(Tape Tape, bool Training = false, ulong Seed = 0, long Step = 0, CarriedStates? States = null)
{
    /// <summary>Within the step of a cell that a loop runs over time: the time step, from 0; a coordinate of random draws.</summary>
    public int TimeStep { get; init; }

    /// <summary>How the rows of a cell's step lie, or null outside one.</summary>
    internal SequenceLayout? Rows { get; init; }

    /// <summary>Within a cell's step: the place in the batch of the sequence that a row belongs to; a coordinate of random draws.</summary>
    /// <param name="row">From 0 to the rows of the step's input.</param>
    public int SequenceOf(int row) => Rows is { } layout ? layout.Order[row] : row;

    /// <summary>Who is shown the recurrent layers' states, or null.</summary>
    internal IStateObserver? Observer { get; init; }

    /// <summary>The keys and values of earlier steps, to which attention adds this pass's; or null where every sequence begins.</summary>
    internal KeyValueCache? Cache { get; init; }

    /// <summary>Which step of its sequence the first one of this pass is.</summary>
    internal int FirstStep => Cache?.Steps ?? 0;
}
