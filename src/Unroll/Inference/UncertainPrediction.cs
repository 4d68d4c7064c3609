using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>What several draws of a model's dropout came to.</summary>
/// <param name="Mean">The mean answer, of the shape that <c>Predict</c> gives.</param>
/// <param name="Deviation">The deviation of the answers, with n − 1 below the line; of the same shape, 0 where steps only pad.</param>
/// <param name="Samples">n, how many draws.</param>
public sealed record UncertainPrediction(Tensor Mean, Tensor Deviation, int Samples);
