using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>
/// One sequence through a model, a step at a time: <c>using var stream = model.OpenStream(); … stream.Step(x)</c>. A step
/// allocates nothing, and with float32 weights its answers are the bits that <c>Predict</c> gives for the whole sequence; where
/// the model answers once a sequence, each step gives the answer for the sequence so far.
/// </summary>
/// <remarks>
/// A stream is used by one thread at a time; different streams of one model by any number at once, as long as nobody trains
/// it. With float32 weights a stream reads the model's own: weights that are set or trained between two steps are those of
/// the next step. With fewer bits it keeps the weights, though not the biases, that the model had when it was opened.
/// </remarks>
public sealed unsafe class ModelStream : IDisposable
{
    private readonly Sequential _model;
    private readonly StreamStage[] _stages;
    private readonly RecurrentStage[] _states;
    private readonly NativeBlock _passedOn;
    private float* _answer;
    private bool _isClosed;

    internal ModelStream(Sequential model, StreamWeights weights)
    {
        var stages = new StreamStages(weights);
        _model = model;
        _stages = stages.Of(model.Layers);
        _states = stages.States;
        foreach (RecurrentStage stage in _states) stage.Begin();
        Weights = weights;
        Layer first = model.Layers[0];
        TakesIds = first.KnownInputShape is { Rank: 2 };
        InputWidth = TakesIds ? 1 : first.InputShape.Features;
        OutputWidth = model.Layers[^1].OutputShape.Features;
        _passedOn = new NativeBlock(OutputWidth);
        foreach (RecurrentStage stage in _states) StateLength += stage.HasCarry ? 2 * stage.Units : stage.Units;
    }

    /// <summary>How many numbers a step takes: the features of the model's input, 1 for a token id.</summary>
    public int InputWidth { get; }

    /// <summary>How many numbers a step answers with.</summary>
    public int OutputWidth { get; }

    /// <summary>Whether the model begins with an embedding, so that a step takes a token id.</summary>
    public bool TakesIds { get; }

    /// <summary>How the weights are stored.</summary>
    public StreamWeights Weights { get; }

    /// <summary>How many steps were taken since the stream was opened, reset or given a state.</summary>
    public long Steps { get; private set; }

    /// <summary>How many floats <see cref="ReadState"/> writes.</summary>
    public int StateLength { get; }

    /// <summary>The latest step's answer; empty while <see cref="Steps"/> is 0. Valid until the next step.</summary>
    public ReadOnlySpan<float> Answer => Steps == 0 ? default : new ReadOnlySpan<float>(_answer, OutputWidth);

    /// <summary>Takes one step.</summary>
    /// <param name="x">The input of the step [<see cref="InputWidth"/>]. NaN passes through to what depends on it.</param>
    /// <returns>The answer [<see cref="OutputWidth"/>]: valid until the next step or until the stream is closed.</returns>
    /// <exception cref="ArgumentException">Another count of numbers, or an id that the vocabulary does not have; the state is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public ReadOnlySpan<float> Step(ReadOnlySpan<float> x)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (x.Length != InputWidth)
            throw new ArgumentException($"Step: model '{_model.Name}' takes {InputWidth} numbers a step{(TakesIds ? ", a token id" : "")}; received {x.Length}.", nameof(x));
        fixed (float* input = x) StepFrom(input);
        return Answer;
    }

    /// <summary>Takes one step of a model that begins with an embedding.</summary>
    /// <param name="id">From 0 to the vocabulary's size − 1. A padding id is a step like any other.</param>
    /// <returns>The answer [<see cref="OutputWidth"/>]: valid until the next step or until the stream is closed.</returns>
    /// <exception cref="ArgumentException">An id that the vocabulary does not have; the state is unchanged.</exception>
    /// <exception cref="InvalidOperationException">The model does not begin with an embedding.</exception>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public ReadOnlySpan<float> Step(int id)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (!TakesIds) throw new InvalidOperationException($"Step: model '{_model.Name}' begins with {_model.Layers[0].Title}, not with an embedding; give {InputWidth} numbers instead of a token id.");
        float value = id;
        StepFrom(&value);
        return Answer;
    }

    /// <summary>Goes back to before the first step: every state zero, or the layer's learned one.</summary>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        foreach (RecurrentStage stage in _states) stage.Begin();
        Steps = 0;
    }

    /// <summary>Copies the state out: for each recurrent layer in the model's order h [H], then c [H] where it has one.</summary>
    /// <param name="destination">Room for exactly <see cref="StateLength"/> floats.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public void ReadState(Span<float> destination)
    {
        CheckState(destination.Length, nameof(destination));
        foreach (RecurrentStage stage in _states)
        {
            stage.Hidden.CopyTo(destination);
            destination = destination[stage.Units..];
            stage.Carry.CopyTo(destination);
            destination = destination[stage.Carry.Length..];
        }
    }

    /// <summary>Sets the state that <see cref="ReadState"/> gave, of this stream or of another one of an equal model.</summary>
    /// <param name="state">Exactly <see cref="StateLength"/> floats.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public void WriteState(ReadOnlySpan<float> state)
    {
        CheckState(state.Length, nameof(state));
        foreach (RecurrentStage stage in _states)
        {
            state[..stage.Units].CopyTo(stage.Hidden);
            state = state[stage.Units..];
            state[..stage.Carry.Length].CopyTo(stage.Carry);
            state = state[stage.Carry.Length..];
            stage.StateChanged();
        }
        Steps = 0;
    }

    /// <summary>Writes the state to a safetensors file: <c>layer/hidden</c> and <c>layer/cell</c>, [H] each.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public void SaveState(string path)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        StreamStateFile.Save(_states, path);
    }

    /// <summary>Sets the state of a file that <see cref="SaveState"/> wrote. Nothing changes when it is refused.</summary>
    /// <exception cref="Files.ModelFileException">No such file, or a state of another model.</exception>
    /// <exception cref="ObjectDisposedException">The stream is closed.</exception>
    public void LoadState(string path)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        WriteState(StreamStateFile.Load(_states, path));
    }

    /// <summary>Closes the stream. Answers given before are no longer valid.</summary>
    public void Dispose() => _isClosed = true;

    private void StepFrom(float* x)
    {
        float* answer = StreamStage.Run(_stages, x);
        if (answer == x)
        {
            // Every layer passes its input on, whose memory may change before the answer is read.
            answer = _passedOn.Pointer;
            new ReadOnlySpan<float>(x, OutputWidth).CopyTo(new Span<float>(answer, OutputWidth));
        }
        _answer = answer;
        Steps++;
    }

    private void CheckState(int length, string parameter)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (length != StateLength)
            throw new ArgumentException($"The state of model '{_model.Name}' has {StateLength} floats ({string.Join(", ", _states.Select(s => $"{s.Name} {s.Units}{(s.HasCarry ? " twice" : "")}"))}); received {length}.", parameter);
    }
}
