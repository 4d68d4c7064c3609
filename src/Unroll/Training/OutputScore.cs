using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// The loss and metrics of one output, gathered over batches. The loss of several batches is the mean over all their real
/// targets, by weight. Metrics are weighted by the examples' weights, not by classes.
/// </summary>
internal sealed class OutputScore
{
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly IReadOnlyDictionary<int, float>? _classWeights;
    private readonly Activation? _activation; // what the loss includes and metrics need
    private double _lossSum, _lossWeight, _batchWeight;
    private Tensor _batchLoss;

    public OutputScore(Activation? ending, OutputSettings settings, IReadOnlyDictionary<int, float>? classWeights)
    {
        Loss = settings.Loss;
        LossShare = settings.Weight;
        _metrics = settings.Metrics;
        _classWeights = classWeights;
        string name = ending?.Name ?? "linear";
        Loss.CheckEnding(name);
        _activation = Loss.TakesLogits && name != "linear" ? ending : null;
    }

    public Loss Loss { get; }

    /// <summary>How much the loss counts in the sum over outputs.</summary>
    public float LossShare { get; }

    /// <summary>Whether the loss wants the output before its final activation.</summary>
    public bool BeforeActivation => _activation is not null;

    /// <summary>The mean loss so far; NaN before a target.</summary>
    public double MeanLoss => _lossWeight > 0 ? _lossSum / _lossWeight : double.NaN;

    /// <summary>How much the batch of the last <see cref="LossOf"/> counts among others.</summary>
    public double BatchWeight => _batchWeight;

    public void Reset()
    {
        _lossSum = _lossWeight = 0;
        for (int i = 0; i < _metrics.Count; i++) _metrics[i].Reset();
    }

    /// <summary>
    /// The loss of a batch, recorded where the pass's tape records. Targets and weights of every step take the output's
    /// lengths where the model found these itself, by an embedding's padding ids or a mask.
    /// </summary>
    public Tensor LossOf(Tensor output, ref Tensor targets, ref Tensor? weights, Tape tape)
    {
        if (!Loss.CountsSequences)
        {
            targets = WithLengthsOf(output, targets, tape);
            if (weights is { } given) weights = WithLengthsOf(output, given, tape);
        }
        Tensor? all = _classWeights is null ? weights : TargetWeights.ByClass(tape, output, targets, weights, _classWeights);
        _batchWeight = TargetWeights.Sum(tape, Loss, output, targets, all);
        _batchLoss = Loss.Of(output, targets, all);
        return _batchLoss;
    }

    /// <summary>Adds the batch of the last <see cref="LossOf"/> to the sums.</summary>
    public void Add(Tensor output, Tensor targets, Tensor? weights, Tape tape)
    {
        if (_batchWeight > 0)
        {
            _lossSum += _batchLoss.Item * _batchWeight;
            _lossWeight += _batchWeight;
        }
        if (_metrics.Count == 0) return;
        Tensor answers = _activation is null ? output : _activation.Apply(tape, output);
        if (!SameRows(answers.Layout, targets.Layout))
            throw new InvalidOperationException($"Metrics need targets at the same steps as the outputs; outputs are {answers.Shape}, targets {targets.Shape} with other lengths.");
        int rows = answers.Rows;
        if (rows == 0) return;
        ReadOnlySpan<float> rowWeights = weights is { } given ? TargetWeights.OfRows(tape, given, answers) : default;
        for (int i = 0; i < _metrics.Count; i++)
            _metrics[i].Update(answers.Storage, targets.Storage, rows, answers.Features, targets.StoredLength / rows, rowWeights);
        GC.KeepAlive(targets.Handle);
    }

    /// <summary>The metrics' names with their values so far, each name behind a prefix.</summary>
    public IEnumerable<KeyValuePair<string, double>> MetricValues(string prefix) =>
        _metrics.Select(metric => new KeyValuePair<string, double>(prefix + metric.Name, metric.Result));

    /// <summary>The sums so far: of the loss, then of each metric.</summary>
    public double[][] SaveState() => [[_lossSum, _lossWeight], .. _metrics.Select(metric => metric.SaveState())];

    /// <summary>How many sums <see cref="SaveState"/> gives.</summary>
    public int StateCount => 1 + _metrics.Count;

    /// <summary>Takes back what <see cref="SaveState"/> gave.</summary>
    public void LoadState(ReadOnlySpan<double[]> state)
    {
        if (state[0].Length != 2) throw new InvalidDataException($"expected two sums of the loss, found {state[0].Length}");
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
