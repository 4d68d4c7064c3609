using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Losses;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>l = max(τ d, (τ − 1) d), d = y − x; dl/dx = −τ where x &lt; y, 1 − τ where x &gt; y, 0 where they are equal.</summary>
internal sealed unsafe class QuantileLoss : Loss
{
    private readonly float[] _quantiles;

    public QuantileLoss(float[] quantiles)
    {
        ArgumentNullException.ThrowIfNull(quantiles);
        if (quantiles.Length == 0) throw new ArgumentException("Loss 'quantile': expected at least one quantile, received none.", nameof(quantiles));
        foreach (float quantile in quantiles)
            if (!(quantile > 0f && quantile < 1f))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Loss 'quantile': a quantile lies between 0 and 1, received {quantile}."), nameof(quantiles));
        _quantiles = [.. quantiles];
    }

    /// <inheritdoc/>
    public override string Name => "quantile";

    /// <summary>Every τ, in the order of the outputs.</summary>
    public ReadOnlySpan<float> Quantiles => _quantiles;

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["quantiles"] = LossSettings.List(_quantiles) };

    /// <inheritdoc/>
    internal override Basics.Shape? TargetShapeOf(Basics.Shape outputs) => outputs.With(-1, outputs.Features / _quantiles.Length);

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        int features = outputs.Features, count = _quantiles.Length;
        if (features % count != 0)
            throw new ArgumentException($"Loss '{Name}': expected outputs [batch, …, H·{count}], {count} quantiles for each target; received {outputs.Shape}.", nameof(outputs));
        var rows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), features / count, perElement: true);
        int length = outputs.StoredLength / count;
        float* x = tape.Read(outputs), y = rows.Targets(), w = rows.TargetWeights();
        double total = (w is null ? length : WeightedSum.OfWeights(w, length)) * count, sum = 0;
        for (int i = 0; i < length; i++)
        {
            float weight = w is null ? 1f : w[i];
            if (weight == 0f) continue;
            double pinball = 0;
            for (int q = 0; q < count; q++)
            {
                float d = y[i] - x[(long)i * count + q];
                pinball += d > 0f ? _quantiles[q] * d : (_quantiles[q] - 1f) * d;
            }
            sum += weight * pinball;
        }
        bool needsGradient = tape.Needs(outputs);
        Tensor loss = Number(tape, total > 0 ? sum / total : 0, needsGradient);
        if (needsGradient && total > 0) tape.Record<QuantileNode>().Set(_quantiles, outputs, loss, y, w, length, total);
        return loss;
    }

    private sealed class QuantileNode : Node
    {
        private float[] _quantiles = [];
        private Tensor _outputs, _loss;
        private float* _targets, _weights;
        private int _length;
        private double _total;

        public void Set(float[] quantiles, Tensor outputs, Tensor loss, float* targets, float* weights, int length, double total)
        {
            _quantiles = quantiles;
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
            float* x = tape.Read(_outputs), gradient = tape.Gradient(_outputs);
            for (int i = 0; i < _length; i++)
            {
                float factor = _weights is null ? scale : _weights[i] * scale, y = _targets[i];
                if (factor == 0f) continue;
                for (int q = 0; q < _quantiles.Length; q++)
                {
                    long place = (long)i * _quantiles.Length + q;
                    float slope = x[place] < y ? -_quantiles[q] : x[place] > y ? 1f - _quantiles[q] : 0f;
                    gradient[place] += factor * slope;
                }
            }
        }

        public override void Clear() => _outputs = _loss = default;
    }
}
