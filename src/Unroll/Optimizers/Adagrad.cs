using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Adagrad (Duchi et al. 2011; PyTorch's form): s ← s + g²; w ← w − ηₜ·g / (√s + ε), ηₜ = η / (1 + (t − 1)·decay).
/// </summary>
public sealed class Adagrad : Optimizer
{
    /// <summary>Adagrad; Keras's defaults.</summary>
    /// <param name="learningRate">η, at least 0. Default 0.001.</param>
    /// <param name="initialAccumulator">What s starts from; at least 0. Default 0.1 (PyTorch's is 0).</param>
    /// <param name="epsilon">ε above 0. Default 1e-7 (PyTorch's is 1e-10).</param>
    /// <param name="learningRateDecay">How the rate falls with steps; at least 0. Default 0.</param>
    /// <param name="weightDecay">λ: g becomes g + λ·w. At least 0. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A constant out of range.</exception>
    public Adagrad(float learningRate = 0.001f, double initialAccumulator = 0.1, double epsilon = 1e-7, double learningRateDecay = 0, double weightDecay = 0)
        : base(learningRate, weightDecay, ["accumulator"])
    {
        InitialAccumulator = NotNegative(initialAccumulator, nameof(initialAccumulator));
        Epsilon = Positive(epsilon, nameof(epsilon));
        LearningRateDecay = NotNegative(learningRateDecay, nameof(learningRateDecay));
    }

    /// <inheritdoc/>
    public override string Name => "adagrad";

    /// <summary>What the sum of squares starts from.</summary>
    public double InitialAccumulator { get; }

    /// <summary>ε, added to the root.</summary>
    public double Epsilon { get; }

    /// <summary>How the rate falls with steps.</summary>
    public double LearningRateDecay { get; }

    private protected override void Prepare(OptimizerState state) => state.SlotSpan(0).Fill((float)InitialAccumulator);

    private protected override void Advance(Parameter parameter, OptimizerState state)
    {
        float rate = (float)(LearningRate / (1 + (state.Step - 1) * LearningRateDecay));
        Apply(new AdagradRule(rate, (float)Epsilon), parameter, state);
    }
}
