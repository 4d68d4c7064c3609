using Unroll.Kernels.Optimizers;
using Unroll.Kernels.Scalars;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Adam with Nesterov's momentum (Dozat 2016; PyTorch's form): m and v as in Adam, μₜ = β₁·(1 − ½·0.96^(t·ψ)),
/// w ← w − η·(g·(1 − μₜ) / (1 − Πμ) + m·μₜ₊₁ / (1 − Πμ·μₜ₊₁)) / (√v̂ + ε), Πμ the product of μ₁ to μₜ.
/// </summary>
public sealed class Nadam : Optimizer
{
    private const double MomentumBase = 0.96;
    private readonly double _momentumStep;

    /// <summary>Nadam; Keras's defaults, and PyTorch's momentum decay.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="beta1">β₁ in [0, 1). Default 0.9.</param>
    /// <param name="beta2">β₂ in [0, 1). Default 0.999.</param>
    /// <param name="epsilon">ε above 0. Default 1e-7 (PyTorch's is 1e-8).</param>
    /// <param name="momentumDecay">ψ, how fast the momentum rises to β₁; at least 0. Default 0.004 (Keras's form has 1).</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <param name="repeatMomentum">Whether μₜ enters Πμ·μₜ₊₁ twice, as in PyTorch up to 1.13 but neither in the paper nor in later releases. Default false.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public Nadam(float learningRate = 0.001f, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7, double momentumDecay = 0.004, double weightDecay = 0, bool repeatMomentum = false)
        : base(learningRate, weightDecay, ["moment", "velocity"], scalars: 3)
    {
        Beta1 = Share(beta1, nameof(beta1));
        Beta2 = Share(beta2, nameof(beta2));
        Epsilon = Positive(epsilon, nameof(epsilon));
        MomentumDecay = NotNegative(momentumDecay, nameof(momentumDecay));
        RepeatMomentum = repeatMomentum;
        _momentumStep = ScalarMath.Power(MomentumBase, momentumDecay);
    }

    /// <inheritdoc/>
    public override string Name => "nadam";

    /// <summary>β₁, the decay of the gradient's average.</summary>
    public double Beta1 { get; }

    /// <summary>β₂, the decay of the squared gradient's average.</summary>
    public double Beta2 { get; }

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; }

    /// <summary>ψ, how fast the momentum rises to β₁.</summary>
    public double MomentumDecay { get; }

    /// <summary>Whether μₜ enters Πμ·μₜ₊₁ twice, to reproduce PyTorch up to 1.13.</summary>
    public bool RepeatMomentum { get; }

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        // β₂ᵗ, 0.96^(t·ψ) and Πμ as running products: no power a step.
        double power2 = state.Scalars[0] *= Beta2;
        double decay = state.Scalars[1] *= _momentumStep;
        double momentum = Beta1 * (1 - 0.5 * decay), next = Beta1 * (1 - 0.5 * (decay * _momentumStep));
        double product = state.Scalars[2] *= momentum;
        double productNext = product * next * (RepeatMomentum ? momentum : 1);
        Apply(new NadamRule(
            new AdamAverages(Beta1, Beta2), (float)(LearningRate * (1 - momentum) / (1 - product)), (float)(LearningRate * next / (1 - productNext)),
            (float)(1 / Math.Sqrt(1 - power2)), (float)Epsilon), parameter, state);
    }
}
