using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// What a cell carries from one step to the next: a value made of tensors [B, …], one row a sequence. The loop takes the tensors
/// apart to drop the rows of sequences that have ended; <see cref="RecurrentState"/> serves most cells.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
public interface ICellState<TSelf> where TSelf : struct, ICellState<TSelf>
{
    /// <summary>How many tensors there are: 1 to 8, the same at every step.</summary>
    int Count { get; }

    /// <summary>A tensor [B, F], in a fixed order from 0.</summary>
    Tensor this[int index] { get; }

    /// <summary>The state of tensors in that order.</summary>
    static abstract TSelf Of(ReadOnlySpan<Tensor> parts);
}
