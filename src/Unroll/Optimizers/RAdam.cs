using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Rectified Adam (Liu et al. 2020; PyTorch's form): m and v as in Adam, ρ∞ = 2 / (1 − β₂) − 1 and
/// ρₜ = ρ∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ). While ρₜ ≤ 5, w ← w − η·m̂; then w ← w − η·m̂·r·√(1 − β₂ᵗ) / (√v + ε), with
/// r² = (ρₜ − 4)(ρₜ − 2)·ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)·ρₜ).
/// </summary>
public sealed class RAdam : Optimizer
{
    private const double Tractable = 5;

    /// <summary>RAdam. Keras has none; the defaults are those of its Adam.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="beta1">β₁ in [0, 1). Default 0.9.</param>
    /// <param name="beta2">β₂ in [0, 1). Default 0.999.</param>
    /// <param name="epsilon">ε above 0, added to the uncorrected root. Default 1e-7 (PyTorch's is 1e-8).</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public RAdam(float learningRate = 0.001f, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7, double weightDecay = 0)
        : base(learningRate, weightDecay, ["moment", "velocity"], scalars: 2)
    {
        Beta1 = Share(beta1, nameof(beta1));
        Beta2 = Share(beta2, nameof(beta2));
        Epsilon = Positive(epsilon, nameof(epsilon));
    }

    /// <inheritdoc/>
    public override string Name => "radam";

    /// <summary>β₁, the decay of the gradient's average.</summary>
    public double Beta1 { get; }

    /// <summary>β₂, the decay of the squared gradient's average.</summary>
    public double Beta2 { get; }

    /// <summary>ε, added to the uncorrected root.</summary>
    public double Epsilon { get; }

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        double power1 = state.Scalars[0] *= Beta1, power2 = state.Scalars[1] *= Beta2;
        double rate = LearningRate / (1 - power1), limit = 2 / (1 - Beta2) - 1;
        double length = limit - 2 * state.Step * power2 / (1 - power2);
        var averages = new AdamAverages(Beta1, Beta2);
        if (length <= Tractable)
        {
            Apply(new UnrectifiedRAdamRule(averages, (float)rate), parameter, state);
            return;
        }
        double rectification = Math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length));
        Apply(new RAdamRule(averages, (float)(rate * rectification * Math.Sqrt(1 - power2)), (float)Epsilon), parameter, state);
    }
}
