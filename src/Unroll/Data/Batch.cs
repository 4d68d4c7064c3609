using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>Some examples of a <see cref="Dataset"/>, as tensors on a tape: valid until the tape's reset.</summary>
/// <param name="Inputs">[B, F], [B, T] or [B, T, F], with lengths where the data set has them; the first input of several.</param>
/// <param name="Targets">The truth for each example or step; of the first output of several.</param>
/// <param name="Weights">The weight of each example, [B], or step, [B, T]; null for 1 each.</param>
public readonly record struct Batch(Tensor Inputs, Tensor Targets, Tensor? Weights)
{
    internal Batch(BatchTensors all)
        : this(all.Inputs[0], all.Targets[0], all.Weights[0])
    {
        AllInputs = all.Inputs;
        AllTargets = all.Targets;
    }

    /// <summary>Every input, in the data set's order.</summary>
    public IReadOnlyList<Tensor> AllInputs { get => field ?? [Inputs]; private init; }

    /// <summary>The truth for every output.</summary>
    public IReadOnlyList<Tensor> AllTargets { get => field ?? [Targets]; private init; }
}
