using Unroll.Autograd;
using Unroll.Kernels.Losses;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>
/// A loss of logits against a distribution v over the classes (<see cref="ClassDistribution"/>), given row by row:
/// cross-entropy or divergence. dl/dx = (Σ v) softmax(x) − v for both.
/// </summary>
internal abstract unsafe class DistributionTargetLoss(string name, bool divergence, float labelSmoothing, IReadOnlyList<float>? classWeights)
    : SoftmaxLoss(name, labelSmoothing, classWeights)
{
    /// <inheritdoc/>
    public override string Name { get; } = name;

    /// <inheritdoc/>
    internal override Basics.Shape? TargetShapeOf(Basics.Shape outputs) => outputs;

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        var targetRows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), 0, perElement: false);
        int rows = targetRows.Rows, classes = targetRows.OutputFeatures;
        CheckClasses(outputs, classes);
        float* rowWeights = OwnRowWeights(tape, targetRows), q = targetRows.Targets();
        var softmax = new Softmax(tape, outputs, rowWeights, rows, classes);
        var distribution = new ClassDistribution(q, ClassWeights, 1f - LabelSmoothing, LabelSmoothing / classes);
        float* values = tape.Scratch(rows), factors = tape.Scratch(rows);
        DistributionLoss.Forward(tape.Read(outputs), distribution, divergence, rowWeights, softmax.Largest, softmax.LogSums, values, factors, rows, classes);
        double total = 0;
        for (int r = 0; r < rows; r++)
        {
            total += rowWeights[r] == 0f ? 0 : rowWeights[r] * ClassWeightOf(q + (long)r * classes, classes);
            factors[r] = rowWeights[r] == 0f ? 0f : rowWeights[r] * factors[r] / softmax.Sums[r];
        }
        double sum = WeightedSum.Of(values, rowWeights, rows);

        bool needsGradient = tape.Needs(outputs);
        Tensor loss = Number(tape, total > 0 ? sum / total : 0, needsGradient);
        if (needsGradient && total > 0)
        {
            SoftmaxNode node = tape.Record<SoftmaxNode>();
            node.Set(this, outputs, loss, softmax.Largest, factors, rowWeights, rows, classes, total);
            node.SetDistribution(distribution);
        }
        GC.KeepAlive(this);
        return loss;
    }

    /// <summary>Σ w_c q_c: for a one-hot row its class's weight.</summary>
    private double ClassWeightOf(float* q, int classes)
    {
        if (ClassWeights is null) return 1;
        double sum = 0;
        for (int c = 0; c < classes; c++) sum += (double)ClassWeights[c] * q[c];
        return sum;
    }
}

/// <summary>l = Σ_c w_c q_c (lse − x_c), q smoothed.</summary>
internal sealed class CategoricalCrossEntropy(float labelSmoothing, IReadOnlyList<float>? classWeights)
    : DistributionTargetLoss("categorical_crossentropy", divergence: false, labelSmoothing, classWeights);

/// <summary>l = Σ_c q_c (log q_c + lse − x_c).</summary>
internal sealed class KullbackLeiblerDivergence() : DistributionTargetLoss("kl_divergence", divergence: true, 0f, null);
