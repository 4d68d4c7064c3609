using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Losses;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>
/// l = (1 − ε) w_y (lse − x_y) + ε/C Σ_c w_c (lse − x_c), lse = log Σ e^x, and the mean is Σ s·l / Σ s·w_y with s the
/// weight of the sample or step. dl/dx = A softmax(x) − (1 − ε) w_y onehot(y) − ε/C w, A the sum of what is subtracted.
/// </summary>
internal sealed unsafe class SparseCategoricalCrossEntropy(int ignoredTarget, float labelSmoothing, IReadOnlyList<float>? classWeights)
    : SoftmaxLoss("sparse_categorical_crossentropy", labelSmoothing, classWeights)
{
    /// <inheritdoc/>
    public override string Name => "sparse_categorical_crossentropy";

    internal override int? IgnoredTarget => ignoredTarget;

    /// <inheritdoc/>
    internal override JsonObject Settings
    {
        get
        {
            JsonObject settings = base.Settings;
            settings["ignored_target"] = ignoredTarget;
            return settings;
        }
    }

    /// <inheritdoc/>
    internal override Basics.Shape? TargetShapeOf(Basics.Shape outputs) => outputs.With(-1, 1);

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        var targetRows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), 1, perElement: false);
        int rows = targetRows.Rows, classes = targetRows.OutputFeatures;
        CheckClasses(outputs, classes);
        float* rowWeights = OwnRowWeights(tape, targetRows);
        int* indices = (int*)tape.Scratch(rows);
        double total = Index(targetRows, targetRows.Targets(), rowWeights, indices, classes);

        var softmax = new Softmax(tape, outputs, rowWeights, rows, classes);
        float* logits = tape.Read(outputs), factors = tape.Scratch(rows), hits = tape.Scratch(rows);
        float uniform = LabelSmoothing / classes, keep = 1f - LabelSmoothing;
        var smoothing = new ClassDistribution(null, ClassWeights, 0f, uniform);
        float* smoothed = null, masses = null;
        if (LabelSmoothing > 0f)
        {
            smoothed = tape.Scratch(rows);
            masses = tape.Scratch(rows);
            DistributionLoss.Forward(logits, smoothing, divergence: false, rowWeights, softmax.Largest, softmax.LogSums, smoothed, masses, rows, classes);
        }
        double sum = 0;
        for (int r = 0; r < rows; r++)
        {
            factors[r] = hits[r] = 0f;
            if (rowWeights[r] == 0f) continue;
            float hit = keep * (ClassWeights is null ? 1f : ClassWeights[indices[r]]);
            double surprise = (double)softmax.Largest[r] - logits[(long)r * classes + indices[r]] + softmax.LogSums[r];
            // A class of weight 0 counts nowhere, were its logit −∞.
            double value = (hit == 0f ? 0 : hit * surprise) + (smoothed is null ? 0 : smoothed[r]);
            sum += rowWeights[r] * value;
            hits[r] = rowWeights[r] * hit;
            factors[r] = rowWeights[r] * (hit + (masses is null ? 0f : masses[r])) / softmax.Sums[r];
        }

        bool needsGradient = tape.Needs(outputs);
        Tensor loss = Number(tape, total > 0 ? sum / total : 0, needsGradient);
        if (needsGradient && total > 0)
        {
            SoftmaxNode node = tape.Record<SoftmaxNode>();
            node.Set(this, outputs, loss, softmax.Largest, factors, rowWeights, rows, classes, total);
            node.SetIndices(indices, hits);
            if (LabelSmoothing > 0f) node.SetDistribution(smoothing);
        }
        GC.KeepAlive(this);
        return loss;
    }

    /// <summary>Turns targets into indices, clears the weight of ignored rows, and gives Σ s·w_y.</summary>
    private double Index(TargetRows targetRows, float* targets, float* rowWeights, int* indices, int classes)
    {
        double total = 0;
        for (int r = 0; r < targetRows.Rows; r++)
        {
            float target = targets[r];
            indices[r] = 0;
            if (target == ignoredTarget) rowWeights[r] = 0f;
            if (rowWeights[r] == 0f) continue;
            if (!(target >= 0f && target < classes) || target != MathF.Floor(target))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Loss '{Name}': the target at {targetRows.Describe(r)} is {target}; expected a whole number from 0 to {classes - 1}, or {ignoredTarget} to ignore it."), nameof(targets));
            indices[r] = (int)target;
            total += (double)rowWeights[r] * (ClassWeights is null ? 1f : ClassWeights[indices[r]]);
        }
        return total;
    }
}
