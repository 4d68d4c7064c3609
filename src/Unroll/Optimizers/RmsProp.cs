using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// RMSprop (Tieleman and Hinton 2012; PyTorch's form): s ← ρ·s + (1 − ρ)·g²; w ← w − η·g / (√s + ε). Centred, the root
/// is of s − a² with a the gradient's own average (Graves 2013). With momentum, b ← μ·b + g / (…) and w ← w − η·b.
/// </summary>
public sealed class RmsProp : Optimizer
{
    /// <summary>RMSprop; Keras's defaults.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="rho">ρ in [0, 1), PyTorch's alpha. Default 0.9 (PyTorch's is 0.99).</param>
    /// <param name="momentum">μ in [0, 1). Default 0.</param>
    /// <param name="epsilon">ε above 0, added to the root. Default 1e-7 (PyTorch's is 1e-8).</param>
    /// <param name="centered">Whether the variance divides instead of the mean square. Default false.</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public RmsProp(float learningRate = 0.001f, double rho = 0.9, double momentum = 0, double epsilon = 1e-7, bool centered = false, double weightDecay = 0)
        : base(learningRate, weightDecay, centered ? ["velocity", "average_gradient", "momentum"] : momentum > 0 ? ["velocity", "momentum"] : ["velocity"])
    {
        Rho = Share(rho, nameof(rho));
        Momentum = Share(momentum, nameof(momentum));
        Epsilon = Positive(epsilon, nameof(epsilon));
        Centered = centered;
    }

    /// <inheritdoc/>
    public override string Name => "rmsprop";

    /// <summary>ρ, the decay of the squared gradient's average.</summary>
    public double Rho { get; }

    /// <summary>μ, the share of the last direction that is kept.</summary>
    public double Momentum { get; }

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; }

    /// <summary>Whether the variance divides instead of the mean square.</summary>
    public bool Centered { get; }

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        float rate = LearningRate, rho = (float)Rho, rest = (float)(1 - Rho), momentum = (float)Momentum, epsilon = (float)Epsilon;
        if (Centered) Apply(new CenteredRmsPropRule(rate, rho, rest, momentum, epsilon), parameter, state);
        else if (Momentum > 0) Apply(new RmsPropRule(rate, rho, rest, momentum, epsilon), parameter, state);
        else Apply(new PlainRmsPropRule(rate, rho, rest, epsilon), parameter, state);
    }
}
