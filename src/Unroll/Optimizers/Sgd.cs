using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Stochastic gradient descent: w ← w − η·g; with momentum μ, b ← μ·b + g and w ← w − η·b; with Nesterov's,
/// w ← w − η·(g + μ·b). PyTorch's form (Sutskever et al. 2013, with the rate outside the momentum).
/// </summary>
public sealed class Sgd : Optimizer
{
    /// <summary>Descent; Keras's defaults.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.01.</param>
    /// <param name="momentum">μ in [0, 1). Default 0.</param>
    /// <param name="nesterov">Whether momentum looks ahead; needs a momentum. Default false.</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentException">A constant out of range, or Nesterov without momentum.</exception>
    public Sgd(float learningRate = 0.01f, double momentum = 0, bool nesterov = false, double weightDecay = 0)
        : base(learningRate, weightDecay, momentum == 0 ? [] : ["momentum"])
    {
        Momentum = Share(momentum, nameof(momentum));
        if (nesterov && momentum == 0) throw new ArgumentException("Nesterov's form needs a momentum above 0; give momentum: 0.9, say.", nameof(nesterov));
        Nesterov = nesterov;
    }

    /// <inheritdoc/>
    public override string Name => "sgd";

    /// <summary>μ, the share of the last direction that is kept.</summary>
    public double Momentum { get; }

    /// <summary>Whether momentum looks ahead.</summary>
    public bool Nesterov { get; }

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        float rate = LearningRate, momentum = (float)Momentum;
        if (momentum == 0) Apply(new SgdRule(rate), parameter, state);
        else if (Nesterov) Apply(new NesterovRule(rate, momentum), parameter, state);
        else Apply(new MomentumRule(rate, momentum), parameter, state);
    }
}
