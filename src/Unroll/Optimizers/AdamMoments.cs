using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>What <see cref="Adam"/> and <see cref="AdamW"/> share: everything but how weights decay.</summary>
public abstract class AdamMoments : Optimizer
{
    private protected AdamMoments(float learningRate, double beta1, double beta2, double epsilon, bool amsgrad, double weightDecay)
        : base(learningRate, weightDecay, amsgrad ? ["moment", "velocity", "largest_velocity"] : ["moment", "velocity"], scalars: 2)
    {
        Beta1 = Share(beta1, nameof(beta1));
        Beta2 = Share(beta2, nameof(beta2));
        Epsilon = Positive(epsilon, nameof(epsilon));
        AmsGrad = amsgrad;
    }

    /// <summary>β₁, the decay of the gradient's average.</summary>
    public double Beta1 { get; }

    /// <summary>β₂, the decay of the squared gradient's average.</summary>
    public double Beta2 { get; }

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; }

    /// <summary>Whether the largest average of squares divides (AMSGrad) instead of the last.</summary>
    public bool AmsGrad { get; }

    /// <summary>One update, with L2 decay and with decoupled decay; one of the two is 0.</summary>
    private protected void Advance(Parameter parameter, OptimizerState state, double weightDecay, double decoupledDecay)
    {
        double power1 = state.Scalars[0] *= Beta1, power2 = state.Scalars[1] *= Beta2;
        float rate = (float)(LearningRate / (1 - power1)), inverseRoot = (float)(1 / Math.Sqrt(1 - power2));
        float shrink = (float)(1 - LearningRate * decoupledDecay), epsilon = (float)Epsilon;
        var averages = new AdamAverages(Beta1, Beta2);
        if (AmsGrad) Apply(new AmsGradRule(averages, rate, shrink, inverseRoot, epsilon), weightDecay, parameter, state);
        else Apply(new AdamRule(averages, rate, shrink, inverseRoot, epsilon), weightDecay, parameter, state);
    }
}
