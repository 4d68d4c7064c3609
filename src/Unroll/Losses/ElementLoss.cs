using System.Globalization;
using Unroll.Autograd;
using Unroll.Kernels.Losses;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>A loss that compares number with number: the mean of a formula over all targets.</summary>
internal abstract unsafe class ElementLoss<TFormula>(TFormula formula) : Loss where TFormula : struct, IElementLoss
{
    /// <summary>The smallest and largest target that has a meaning.</summary>
    private protected virtual (float Lowest, float Highest) TargetRange => (float.NegativeInfinity, float.PositiveInfinity);

    /// <inheritdoc/>
    internal override Basics.Shape? TargetShapeOf(Basics.Shape outputs) => outputs;

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        var rows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), 0, perElement: true);
        int length = outputs.StoredLength;
        float* y = rows.Targets(), given = rows.TargetWeights();
        CheckTargets(rows, y, given, length);
        float* w = WeighTargets(tape, y, given, length);
        double total = w is null ? length : WeightedSum.OfWeights(w, length);
        double sum = total > 0 ? ElementLossKernel.Sum(formula, tape.Read(outputs), y, w, length) : 0;
        bool needsGradient = tape.Needs(outputs);
        Tensor loss = Number(tape, total > 0 ? sum / total : 0, needsGradient);
        if (needsGradient && total > 0) tape.Record<ElementNode>().Set(formula, outputs, loss, y, w, length, total);
        return loss;
    }

    /// <summary>The weights, changed where the loss weighs by target; null for ones. Those given are this pass's own.</summary>
    private protected virtual float* WeighTargets(Tape tape, float* targets, float* weights, int length) => weights;

    private void CheckTargets(TargetRows rows, float* targets, float* weights, int length)
    {
        (float lowest, float highest) = TargetRange;
        if (float.IsInfinity(lowest)) return;
        for (int i = 0; i < length; i++)
            if (!(targets[i] >= lowest && targets[i] <= highest) && (weights is null || weights[i] != 0f))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Loss '{Name}': the target at {rows.Describe(i / rows.TargetFeatures)} is {targets[i]}; expected {lowest} to {highest}."), nameof(targets));
    }

    /// <summary>dx_i += dL · w_i · slope(x_i, y_i) / Σ w.</summary>
    private sealed class ElementNode : Node
    {
        private TFormula _formula;
        private Tensor _outputs, _loss;
        private float* _targets, _weights;
        private int _length;
        private double _total;

        public void Set(TFormula formula, Tensor outputs, Tensor loss, float* targets, float* weights, int length, double total)
        {
            _formula = formula;
            _outputs = outputs;
            _loss = loss;
            _targets = targets;
            _weights = weights;
            _length = length;
            _total = total;
        }

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(_loss)) return;
            float scale = (float)(*tape.Gradient(_loss) / _total);
            ElementLossKernel.AddSlope(_formula, tape.Read(_outputs), _targets, _weights, scale, tape.Gradient(_outputs), _length);
        }

        public override void Clear() => _outputs = _loss = default;
    }
}
