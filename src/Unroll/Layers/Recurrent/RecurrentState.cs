using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The state of a recurrent layer between two steps: a value, passed in and out, never kept in the layer.</summary>
/// <param name="Hidden">h, [B, H].</param>
/// <param name="Carry">The cell state c, [B, H], of an LSTM; null for a layer that has none.</param>
public readonly record struct RecurrentState(Tensor Hidden, Tensor? Carry = null);
