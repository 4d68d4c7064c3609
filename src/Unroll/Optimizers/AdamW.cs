using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2; PyTorch's form): w ← w·(1 − η·λ), then
/// Adam's update from the gradient alone.
/// </summary>
public sealed class AdamW : AdamMoments
{
    /// <summary>AdamW; Keras's defaults.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="weightDecay">λ, at least 0. Default 0.004 (PyTorch's is 0.01).</param>
    /// <param name="beta1">β₁ in [0, 1). Default 0.9.</param>
    /// <param name="beta2">β₂ in [0, 1). Default 0.999.</param>
    /// <param name="epsilon">ε above 0. Default 1e-7 (PyTorch's is 1e-8).</param>
    /// <param name="amsgrad">Whether the largest average of squares divides. Default false.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public AdamW(float learningRate = 0.001f, double weightDecay = 0.004, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7, bool amsgrad = false)
        : base(learningRate, beta1, beta2, epsilon, amsgrad, weightDecay)
    {
    }

    /// <inheritdoc/>
    public override string Name => "adamw";

    private protected override void Advance(Parameter parameter, OptimizerState state) => Advance(parameter, state, 0, WeightDecay);
}
