using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The state of a recurrent layer between two steps: a value, passed in and out, never kept in the layer.</summary>
/// <param name="Hidden">h, [B, H].</param>
/// <param name="Carry">The cell state c, [B, H], of an LSTM; null for a layer that has none.</param>
public readonly record struct RecurrentState(Tensor Hidden, Tensor? Carry = null) : ICellState<RecurrentState>
{
    /// <summary>A copy of the numbers alone, on no tape: it outlives a reset, and no gradient goes back through it.</summary>
    public RecurrentState Detached()
    {
        var copy = new RecurrentState(Like(Hidden), Carry is { } carry ? Like(carry) : null);
        CopyTo(copy);
        return copy;
    }

    /// <summary>
    /// Copies the numbers into a state that <see cref="Detached"/> gave: so training carries its state from batch to batch and
    /// allocates nothing. To be called after the backward pass, which still reads the state from which the batch began.
    /// </summary>
    /// <exception cref="ArgumentException">Another shape, or a cell state in one of the two alone.</exception>
    public void CopyTo(RecurrentState target)
    {
        if (target.Hidden.Shape != Hidden.Shape || target.Carry?.Shape != Carry?.Shape)
            throw new ArgumentException($"CopyTo: expected a state {Describe(this)}, received {Describe(target)}.", nameof(target));
        Hidden.CopyTo(target.Hidden.Storage);
        if (Carry is { } carry) carry.CopyTo(target.Carry!.Value.Storage);
    }

    /// <summary>A state of its tensors; null for none.</summary>
    internal static RecurrentState? Of(ReadOnlySpan<Tensor> parts) => parts.Length == 0 ? null : new RecurrentState(parts[0], parts.Length > 1 ? parts[1] : null);

    /// <summary>Puts the state's tensors into a list; how many there are.</summary>
    internal int CopyTo(Span<Tensor> parts)
    {
        parts[0] = Hidden;
        if (Carry is not { } carry) return 1;
        parts[1] = carry;
        return 2;
    }

    private static Tensor Like(Tensor tensor) => Tensor.Create(tensor.Shape, null);

    private static string Describe(RecurrentState state) => state.Carry is { } carry ? $"{state.Hidden.Shape} with a cell state {carry.Shape}" : $"{state.Hidden.Shape}";

    int ICellState<RecurrentState>.Count => Carry is null ? 1 : 2;

    Tensor ICellState<RecurrentState>.this[int index] => index == 0 ? Hidden : Carry!.Value;

    static RecurrentState ICellState<RecurrentState>.Of(ReadOnlySpan<Tensor> parts) => Of(parts)!.Value;
}
