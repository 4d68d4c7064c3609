using Unroll.Kernels.Optimizers;
using Unroll.Kernels.Scalars;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Averaged stochastic gradient descent (Polyak and Juditsky 1992; PyTorch's form): w ← w·(1 − λ·ηₜ) − ηₜ·g with
/// ηₜ = η / (1 + λ·η·(t − 1))^α, and the average a ← a + μₜ·(w − a) with μₜ = 1 / max(1, t − 1 − t₀). Training goes on
/// from w; <see cref="AverageOf"/> gives a.
/// </summary>
public sealed class Asgd : Optimizer
{
    /// <summary>Averaged descent. Keras has none; the defaults are PyTorch's.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.01.</param>
    /// <param name="lambda">λ, the decay of weights and rate; at least 0. Default 1e-4.</param>
    /// <param name="alpha">α, the power of the rate's fall; at least 0. Default 0.75.</param>
    /// <param name="averageAfter">t₀, the update from which the average is one; until then it is w. At least 0. Default 1,000,000.</param>
    /// <param name="weightDecay">g becomes g + weightDecay·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public Asgd(float learningRate = 0.01f, double lambda = 1e-4, double alpha = 0.75, double averageAfter = 1e6, double weightDecay = 0)
        : base(learningRate, weightDecay, ["average"])
    {
        Lambda = NotNegative(lambda, nameof(lambda));
        Alpha = NotNegative(alpha, nameof(alpha));
        AverageAfter = NotNegative(averageAfter, nameof(averageAfter));
    }

    /// <inheritdoc/>
    public override string Name => "asgd";

    /// <summary>λ, the decay of weights and rate.</summary>
    public double Lambda { get; }

    /// <summary>α, the power of the rate's fall.</summary>
    public double Alpha { get; }

    /// <summary>t₀, the update from which the average is one.</summary>
    public double AverageAfter { get; }

    /// <summary>The averaged numbers of a parameter, row-major; its present ones before its first update.</summary>
    public float[] AverageOf(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return SlotOf(parameter, 0) ?? parameter.ToArray();
    }

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        long before = state.Step - 1;
        double rate = LearningRate / ScalarMath.Power(1 + Lambda * LearningRate * before, Alpha);
        double share = 1 / Math.Max(1, before - AverageAfter);
        Apply(new AsgdRule((float)rate, (float)(1 - Lambda * rate), (float)share), parameter, state);
    }
}
