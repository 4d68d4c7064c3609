using Unroll.Autograd;
using Unroll.Data;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// One step of training: read, forward, loss, backward, penalties, clip, update, recycle; the first four in as many pieces
/// as gradients are accumulated over. After the first steps it allocates nothing.
/// </summary>
internal sealed class TrainingStep
{
    private readonly Network _model;
    private readonly ParameterUpdate _update;
    private readonly BatchReader _reader;
    private readonly FitOptions _options;
    private readonly bool _stopAtNonFinite;
    private readonly Tape _tape;

    public TrainingStep(Network model, Optimizer optimizer, BatchScore score, BatchReader reader, FitOptions options, bool stopAtNonFinite, Tape? tape = null)
    {
        _model = model;
        _update = new ParameterUpdate(model, optimizer, options, stopAtNonFinite);
        Score = score;
        _reader = reader;
        _options = options;
        _stopAtNonFinite = stopAtNonFinite;
        _tape = tape ?? new Tape();
    }

    /// <summary>Loss and metrics over the steps since its last reset.</summary>
    public BatchScore Score { get; }

    /// <summary>Trains on the examples of these indices.</summary>
    /// <param name="examples">Indices of the data set.</param>
    /// <param name="seed">The seed of the layers' draws.</param>
    /// <param name="step">The number of the step over all epochs, from 0.</param>
    /// <param name="place">Epoch and step within it, from 1, for messages.</param>
    /// <returns>The batch's loss, penalties included.</returns>
    public float Run(ReadOnlySpan<int> examples, ulong seed, long step, (int Epoch, int Batch) place)
    {
        int most = _options.AccumulationSteps, size = (examples.Length + most - 1) / most;
        double sum = 0, weight = 0;
        for (int piece = 0, start = 0; start < examples.Length; piece++, start += size)
        {
            ReadOnlySpan<int> part = examples.Slice(start, Math.Min(size, examples.Length - start));
            (float loss, double counted) = Accumulate(part, new Pass(_tape, Training: true, seed, step * most + piece), place);
            sum += loss * (most > 1 ? counted : 1);
            weight += counted;
        }
        if (most > 1)
        {
            // Each piece's gradient was that of its sum over targets.
            sum = weight > 0 ? sum / weight : 0;
            ScaleGradients(weight > 0 ? (float)(1 / weight) : 0);
        }
        double penalty = Regularization.AddGradients(_model.Parameters);
        Score.AddPenalty(penalty, weight);
        float value = (float)sum + (float)penalty;
        _update.Run(value, seed, step, place);
        return value;
    }

    /// <summary>Adds the gradient of some examples; over several pieces that of their sum, for pieces differ in their targets.</summary>
    private (float Loss, double Weight) Accumulate(ReadOnlySpan<int> examples, Pass pass, (int Epoch, int Batch) place)
    {
        try
        {
            BatchTensors batch = _reader.Read(examples, _tape);
            Tensor loss = Score.Forward(batch, pass);
            double weight = Score.BatchWeight;
            float value = loss.Item;
            if (_stopAtNonFinite && !float.IsFinite(value)) throw NonFiniteSearch.InForward(_model, batch, pass, value, place);
            if (_options.AccumulationSteps > 1) _tape.Backward(loss, [(float)weight]);
            else _tape.Backward(loss);
            Score.Add(batch, pass); // before the update: an output head answers with its parameters
            return (value, weight);
        }
        finally
        {
            _tape.Reset();
        }
    }

    private void ScaleGradients(float factor)
    {
        for (int i = 0; i < _model.Parameters.Count; i++)
            if (_model.Parameters[i] is { Trainable: true, HasGradients: true } parameter) parameter.ScaleGradient(factor);
    }
}
