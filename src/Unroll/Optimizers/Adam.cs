using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1): m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²;
/// w ← w − η·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ). AMSGrad (Reddi et al. 2018) divides by the
/// largest v so far. Weight decay is the L2 form; <see cref="AdamW"/> has the decoupled one.
/// </summary>
public sealed class Adam : AdamMoments
{
    /// <summary>Adam; Keras's defaults.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="beta1">β₁ in [0, 1). Default 0.9.</param>
    /// <param name="beta2">β₂ in [0, 1). Default 0.999.</param>
    /// <param name="epsilon">ε above 0. Default 1e-7 (PyTorch's is 1e-8).</param>
    /// <param name="amsgrad">Whether the largest average of squares divides. Default false.</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public Adam(float learningRate = 0.001f, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7, bool amsgrad = false, double weightDecay = 0)
        : base(learningRate, beta1, beta2, epsilon, amsgrad, weightDecay)
    {
    }

    /// <inheritdoc/>
    public override string Name => "adam";

    private protected override void Advance(Parameter parameter, OptimizerState state) => Advance(parameter, state, WeightDecay, 0);
}
