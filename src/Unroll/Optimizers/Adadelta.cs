using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Adadelta (Zeiler 2012; PyTorch's form): s ← ρ·s + (1 − ρ)·g²; d = g·√(a + ε) / √(s + ε); a ← ρ·a + (1 − ρ)·d²;
/// w ← w − η·d.
/// </summary>
public sealed class Adadelta : Optimizer
{
    /// <summary>Adadelta; Keras's defaults. The paper's learning rate is 1, as is PyTorch's default.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="rho">ρ in [0, 1). Default 0.95 (PyTorch's is 0.9).</param>
    /// <param name="epsilon">ε above 0, inside both roots. Default 1e-7 (PyTorch's is 1e-6).</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public Adadelta(float learningRate = 0.001f, double rho = 0.95, double epsilon = 1e-7, double weightDecay = 0)
        : base(learningRate, weightDecay, ["velocity", "step_size"])
    {
        Rho = Share(rho, nameof(rho));
        Epsilon = Positive(epsilon, nameof(epsilon));
    }

    /// <inheritdoc/>
    public override string Name => "adadelta";

    /// <summary>ρ, the decay of both averages.</summary>
    public double Rho { get; }

    /// <summary>ε, inside both roots.</summary>
    public double Epsilon { get; }

    private protected override void Advance(Parameter parameter, OptimizerState state) =>
        Apply(new AdadeltaRule(LearningRate, (float)Rho, (float)(1 - Rho), (float)Epsilon), parameter, state);
}
