using Unroll.Autograd;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>A layer that loops over time outside the fused kernels, and its step in double precision.</summary>
internal sealed record LoopEntry(string Name)
{
    /// <summary>The layer of so many units, not built: whether it gives every step, and whether it goes backwards.</summary>
    public required Func<int, bool, bool, Layer> Make { get; init; }

    /// <summary>Input and perhaps initial states to the output and the final states.</summary>
    public required Func<Layer, Tensor, Tensor[], Pass, (Tensor Output, Tensor[] Finals)> Forward { get; init; }

    /// <summary>The output of a step from row-major parameters, the step's input and the states, which change in place.</summary>
    public required Func<double[][], double[], double[][], double[]> Step { get; init; }

    /// <summary>The widths of the states for so many units.</summary>
    public required Func<int, int[]> States { get; init; }

    /// <summary>Whether a sequence without steps gives its first state as the last output, not zeros.</summary>
    public bool GivesState { get; init; }

    /// <summary>T, for a layer that does something else with long sequences.</summary>
    public int Steps { get; init; } = 7;

    /// <summary>What changes the weights that every entry has, or nothing.</summary>
    public Action<Layer> Adjust { get; init; } = _ => { };

    /// <summary>Whether time in two pieces gives the bits of one, or its numbers up to rounding.</summary>
    public bool JoinsToTheBit { get; init; } = true;

    public override string ToString() => Name;
}
