using Unroll.Autograd;
using Unroll.Data;
using Unroll.Kernels.Layouts;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// Runs a model's forward pass with its loss and metrics, and gathers both over batches. The loss of several batches is
/// the mean over all their real targets, by weight. Metrics are weighted by the examples' weights, not by classes.
/// </summary>
internal sealed class BatchScore
{
    private readonly Sequential _model;
    private readonly Loss _loss;
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly IReadOnlyDictionary<int, float>? _classWeights;
    private readonly Activation? _activation; // what the loss includes and metrics need
    private double _lossSum, _lossWeight;

    public BatchScore(Sequential model, CompileSettings settings, IReadOnlyDictionary<int, float>? classWeights)
    {
        _model = model;
        _loss = settings.Loss;
        _metrics = settings.Metrics;
        _classWeights = classWeights;
        string ending = model.FinalActivation?.Name ?? "linear";
        _loss.CheckEnding(ending);
        _activation = _loss.TakesLogits && ending != "linear" ? model.FinalActivation : null;
    }

    /// <summary>The mean loss so far; NaN before a target.</summary>
    public double MeanLoss => _lossWeight > 0 ? _lossSum / _lossWeight : double.NaN;

    public void Reset()
    {
        _lossSum = _lossWeight = 0;
        for (int i = 0; i < _metrics.Count; i++) _metrics[i].Reset();
    }

    /// <summary>
    /// The loss of a batch, recorded where the pass's tape records. Targets and weights of every step take the outputs'
    /// lengths where the model found these itself, by an embedding's padding ids or a mask.
    /// </summary>
    public Tensor Forward(ref Batch batch, Pass pass, out Tensor outputs, out double weight)
    {
        outputs = _activation is null ? _model.Forward(batch.Inputs, pass) : _model.ForwardBeforeActivation(batch.Inputs, pass);
        if (!_loss.CountsSequences)
        {
            batch = batch with
            {
                Targets = WithLengthsOf(outputs, batch.Targets, pass.Tape),
                Weights = batch.Weights is { } given ? WithLengthsOf(outputs, given, pass.Tape) : null,
            };
        }
        Tensor? weights = _classWeights is null ? batch.Weights
            : TargetWeights.ByClass(pass.Tape, outputs, batch.Targets, batch.Weights, _classWeights);
        weight = TargetWeights.Sum(pass.Tape, _loss, outputs, batch.Targets, weights);
        return _loss.Of(outputs, batch.Targets, weights);
    }

    /// <summary>Adds a batch to the sums.</summary>
    public void Add(Batch batch, Pass pass, Tensor outputs, float loss, double weight)
    {
        if (weight > 0)
        {
            _lossSum += loss * weight;
            _lossWeight += weight;
        }
        if (_metrics.Count == 0) return;
        Tensor answers = _activation is null ? outputs : _activation.Apply(pass.Tape, outputs);
        Tensor targets = batch.Targets;
        if (!SameRows(answers.Layout, targets.Layout))
            throw new InvalidOperationException($"Metrics need targets at the same steps as the outputs; outputs are {answers.Shape}, targets {targets.Shape} with other lengths.");
        int rows = answers.Rows;
        if (rows == 0) return;
        ReadOnlySpan<float> weights = batch.Weights is { } given ? TargetWeights.OfRows(pass.Tape, given, answers) : default;
        for (int i = 0; i < _metrics.Count; i++)
            _metrics[i].Update(answers.Storage, targets.Storage, rows, answers.Features, targets.StoredLength / rows, weights);
        GC.KeepAlive(targets.Handle);
    }

    /// <summary>"loss" and the metrics' names with their values so far, each name behind a prefix.</summary>
    public IEnumerable<KeyValuePair<string, double>> Values(string prefix)
    {
        yield return new(prefix + "loss", MeanLoss);
        foreach (Metric metric in _metrics) yield return new(prefix + metric.Name, metric.Result);
    }

    /// <summary>The sums so far: of the loss, then of each metric.</summary>
    public double[][] SaveState() => [[_lossSum, _lossWeight], .. _metrics.Select(metric => metric.SaveState())];

    /// <summary>Takes back what <see cref="SaveState"/> gave.</summary>
    public void LoadState(IReadOnlyList<double[]> state)
    {
        if (state.Count != 1 + _metrics.Count || state[0].Length != 2)
            throw new InvalidDataException($"expected the sums of the loss and {_metrics.Count} metrics, found {state.Count}");
        (_lossSum, _lossWeight) = (state[0][0], state[0][1]);
        for (int i = 0; i < _metrics.Count; i++) _metrics[i].LoadState(state[i + 1]);
    }

    private static Tensor WithLengthsOf(Tensor outputs, Tensor values, Tape tape) =>
        outputs.Layout is { } layout && (values.Layout is null || layout.HasGaps) && values.Shape.Rank >= 2
        && values.Shape[0] == layout.Batch && values.Shape[1] == layout.Steps
            ? PackOp.Of(tape, UnpackOp.Of(tape, values), layout)
            : values;

    private static bool SameRows(SequenceLayout? a, SequenceLayout? b) => a is null ? b is null : b is not null && a.SameAs(b);
}
