using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>Some examples of a <see cref="Dataset"/>, as tensors on a tape: valid until the tape's reset.</summary>
/// <param name="Inputs">[B, F], [B, T] or [B, T, F], with lengths where the data set has them.</param>
/// <param name="Targets">The truth for each example or step.</param>
/// <param name="Weights">The weight of each example, [B], or step, [B, T]; null for 1 each.</param>
public readonly record struct Batch(Tensor Inputs, Tensor Targets, Tensor? Weights);
