using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Adamax (Kingma and Ba 2015, algorithm 2; PyTorch's form): m ← β₁·m + (1 − β₁)·g; u ← max(β₂·u, |g| + ε);
/// w ← w − η / (1 − β₁ᵗ)·m / u.
/// </summary>
public sealed class Adamax : Optimizer
{
    /// <summary>Adamax; Keras's defaults.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="beta1">β₁ in [0, 1). Default 0.9.</param>
    /// <param name="beta2">β₂ in [0, 1). Default 0.999.</param>
    /// <param name="epsilon">ε above 0, added to the gradient's size. Default 1e-7 (PyTorch's is 1e-8).</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public Adamax(float learningRate = 0.001f, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7, double weightDecay = 0)
        : base(learningRate, weightDecay, ["moment", "norm"], scalars: 1)
    {
        Beta1 = Share(beta1, nameof(beta1));
        Beta2 = Share(beta2, nameof(beta2));
        Epsilon = Positive(epsilon, nameof(epsilon));
    }

    /// <inheritdoc/>
    public override string Name => "adamax";

    /// <summary>β₁, the decay of the gradient's average.</summary>
    public double Beta1 { get; }

    /// <summary>β₂, the decay of the largest gradient.</summary>
    public double Beta2 { get; }

    /// <summary>ε, added to the gradient's size.</summary>
    public double Epsilon { get; }

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        double power1 = state.Scalars[0] *= Beta1;
        Apply(new AdamaxRule((float)(LearningRate / (1 - power1)), (float)Beta1, (float)(1 - Beta1), (float)Beta2, (float)Epsilon), parameter, state);
    }
}
