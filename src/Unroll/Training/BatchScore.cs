using Unroll.Autograd;
using Unroll.Data;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// Runs a model's forward pass with the loss and metrics of each output, and gathers them over batches. The loss of several
/// outputs is the sum of theirs, each times its weight; what the model itself costs (penalties) is added to it.
/// </summary>
internal sealed class BatchScore
{
    private readonly Network _model;
    private readonly OutputScore[] _scores;
    private readonly Tensor[] _outputs;
    private readonly bool[] _beforeActivation;
    private double _batchPenalty, _penaltySum, _penaltyWeight;

    public BatchScore(Network model, CompileSettings settings, IReadOnlyDictionary<int, float>? classWeights)
    {
        _model = model;
        _scores = [.. settings.Outputs.Select((output, i) => new OutputScore(model.FinalActivationOf(i), output, classWeights))];
        _outputs = new Tensor[_scores.Length];
        _beforeActivation = [.. _scores.Select(score => score.BeforeActivation)];
    }

    /// <summary>The model whose answers are scored.</summary>
    public Network Model => _model;

    /// <summary>How much the batch of the last <see cref="Forward"/> counts among others: by the targets of the first output.</summary>
    public double BatchWeight => _scores[0].BatchWeight;

    /// <summary>The mean loss so far, penalties included; NaN before a target.</summary>
    public double MeanLoss
    {
        get
        {
            double sum = _scores[0].LossShare * _scores[0].MeanLoss;
            for (int i = 1; i < _scores.Length; i++) sum += _scores[i].LossShare * _scores[i].MeanLoss;
            return _penaltyWeight > 0 ? sum + _penaltySum / _penaltyWeight : sum;
        }
    }

    /// <summary>What the model gave in the last <see cref="Forward"/>.</summary>
    public IReadOnlyList<Tensor> Outputs => _outputs;

    public void Reset()
    {
        foreach (OutputScore score in _scores) score.Reset();
        _penaltySum = _penaltyWeight = 0;
    }

    /// <summary>
    /// The loss of a batch, recorded where the pass's tape records. Targets and weights in the batch may take the lengths that
    /// the model found.
    /// </summary>
    public Tensor Forward(BatchTensors batch, Pass pass)
    {
        _model.Run(batch.Inputs, _outputs, _beforeActivation, pass);
        _batchPenalty = 0;
        Tensor total = default;
        for (int i = 0; i < _scores.Length; i++)
        {
            Tensor loss = _scores[i].LossOf(_outputs[i], ref batch.Targets[i], ref batch.Weights[i], pass.Tape);
            if (_scores[i].LossShare != 1) loss = ScaleOp.Of(pass.Tape, loss, _scores[i].LossShare);
            total = i == 0 ? loss : AddOp.Of(pass.Tape, total, loss);
        }
        if (pass.Tape.Penalties.Count == 0) return total;
        float before = total.Item;
        total = Regularization.WithActivity(total);
        _batchPenalty = (double)total.Item - before;
        return total;
    }

    /// <summary>Adds the batch of the last <see cref="Forward"/> to the sums.</summary>
    public void Add(BatchTensors batch, Pass pass)
    {
        for (int i = 0; i < _scores.Length; i++) _scores[i].Add(_outputs[i], batch.Targets[i], batch.Weights[i], pass.Tape);
        AddPenalty(_batchPenalty, BatchWeight);
        _penaltyWeight += BatchWeight;
    }

    /// <summary>Adds a cost of the model itself to the loss of batches of that weight in all.</summary>
    public void AddPenalty(double penalty, double weight) => _penaltySum += penalty * weight;

    /// <summary>
    /// "loss" and the metrics' names with their values so far, each name behind a prefix; with several outputs also each one's
    /// loss, and all behind the output's name, as in Keras: "loss", "genre_loss", "mood_loss", "genre_accuracy".
    /// </summary>
    public IEnumerable<KeyValuePair<string, double>> Values(string prefix)
    {
        yield return new(prefix + "loss", MeanLoss);
        bool several = _scores.Length > 1;
        for (int i = 0; several && i < _scores.Length; i++) yield return new($"{prefix}{_model.OutputNames[i]}_loss", _scores[i].MeanLoss);
        for (int i = 0; i < _scores.Length; i++)
            foreach (KeyValuePair<string, double> value in _scores[i].MetricValues(several ? $"{prefix}{_model.OutputNames[i]}_" : prefix))
                yield return value;
    }

    /// <summary>The sums so far: of penalties, then output after output.</summary>
    public double[][] SaveState() => [[_penaltySum, _penaltyWeight], .. _scores.SelectMany(score => score.SaveState())];

    /// <summary>Takes back what <see cref="SaveState"/> gave.</summary>
    public void LoadState(IReadOnlyList<double[]> state)
    {
        int expected = 1 + _scores.Sum(score => score.StateCount);
        if (state.Count != expected) throw new InvalidDataException($"expected {expected} sums of losses and metrics, found {state.Count}");
        if (state[0].Length != 2) throw new InvalidDataException($"expected two sums of penalties, found {state[0].Length}");
        (_penaltySum, _penaltyWeight) = (state[0][0], state[0][1]);
        ReadOnlySpan<double[]> left = [.. state.Skip(1)];
        foreach (OutputScore score in _scores)
        {
            score.LoadState(left);
            left = left[score.StateCount..];
        }
    }
}
