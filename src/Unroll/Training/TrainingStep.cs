using Unroll.Autograd;
using Unroll.Data;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// One step of training: read, forward, loss, backward, clip, update, recycle. After the first steps it allocates
/// nothing.
/// </summary>
internal sealed class TrainingStep
{
    private readonly Network _model;
    private readonly Optimizer _optimizer;
    private readonly BatchReader _reader;
    private readonly FitOptions _options;
    private readonly bool _stopAtNonFinite;
    private readonly Tape _tape;

    public TrainingStep(Network model, Optimizer optimizer, BatchScore score, BatchReader reader, FitOptions options, bool stopAtNonFinite, Tape? tape = null)
    {
        _model = model;
        _optimizer = optimizer;
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
    /// <returns>The batch's loss.</returns>
    public float Run(ReadOnlySpan<int> examples, ulong seed, long step, (int Epoch, int Batch) place)
    {
        try
        {
            BatchTensors batch = _reader.Read(examples, _tape);
            var pass = new Pass(_tape, Training: true, seed, step);
            Tensor loss = Score.Forward(batch, pass);
            float value = loss.Item;
            if (_stopAtNonFinite && !float.IsFinite(value)) throw NonFiniteSearch.InForward(_model, batch, pass, value, place);
            _tape.Backward(loss);
            if (_stopAtNonFinite && NonFiniteSearch.FirstGradient(_model) is { } parameter)
            {
                for (int i = 0; i < _model.Parameters.Count; i++) _model.Parameters[i].ClearGradient();
                throw NonFiniteSearch.InGradient(parameter, value, place);
            }
            if (_options.ClipValue is { } limit) GradientClipping.ByValue(_model.Parameters, limit);
            if (_options.ClipNorm is { } norm) GradientClipping.ByNorm(_model.Parameters, norm);
            if (_options.GlobalClipNorm is { } globalNorm) GradientClipping.ByGlobalNorm(_model.Parameters, globalNorm);
            Score.Add(batch, pass); // before the update: an output head answers with its parameters
            _optimizer.Step(_model.Parameters);
            return value;
        }
        finally
        {
            _tape.Reset();
        }
    }
}
