using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What a recurrent layer went through, step by step: tensors of their own memory, [B, T, H], with the input's lengths.</summary>
/// <param name="Hidden">h at every step.</param>
/// <param name="Cell">c at every step; null for a layer without a cell state.</param>
/// <param name="Gates">
/// The gates after their activation, by name: <c>input</c>, <c>forget</c>, <c>candidate</c>, <c>output</c> of an LSTM (without <c>forget</c>
/// where it is coupled); <c>reset</c>, <c>update</c>, <c>candidate</c> of a GRU; none of a simple layer.
/// </param>
public sealed record RecurrentTrace(Tensor Hidden, Tensor? Cell, IReadOnlyDictionary<string, Tensor> Gates);
