using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// Trains on sequences of any length with the memory of a short one: every k₁ steps the gradient of their loss is followed
/// back through the last k₂ steps, and the state is carried on (Williams and Peng 1990: BPTT(k₂; k₁)). What comes
/// before a piece is a number, not an operation. From call to call the state goes on until <see cref="Reset"/>: give a
/// sequence longer than memory piece by piece, or one observation at a time. For one thread at a time.
/// </summary>
/// <remarks>
/// With k₂ above k₁ the state at the start of a look back is the one that earlier weights computed, and no look back
/// reaches into the call before. After the first calls of a size nothing is allocated.
/// </remarks>
public sealed partial class TruncatedBackpropagation
{
    private readonly Network _model;
    private readonly BatchTensors _batchTensors = new(1, 1);
    private readonly BatchScore _score;
    private readonly Optimizer _optimizer;
    private readonly ParameterUpdate _update;
    private readonly CarriedStates _states = new();
    private readonly CarriedStates[] _earlier; // at the last k₂ / k₁ starts of pieces, in a circle
    private readonly Tape _tape = new();
    private readonly ulong _seed;
    private Tensor _observed, _expected; // one step, for Observe
    private int _batch;

    /// <summary>A trainer of a compiled model whose recurrent layers read forward and give an output for every step.</summary>
    /// <param name="model">Compiled.</param>
    /// <param name="steps">k₁, steps from one update to the next; at least 1.</param>
    /// <param name="lookBack">k₂, steps that a gradient is followed back: k₁ or a multiple of it. Null for k₁.</param>
    /// <param name="options">Clipping, noise and class weights; null for none.</param>
    /// <param name="seed">The seed of the layers' draws. Default 0.</param>
    /// <exception cref="ArgumentException">A number out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
    public TruncatedBackpropagation(Network model, int steps, int? lookBack = null, FitOptions? options = null, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (steps < 1) throw new ArgumentOutOfRangeException(nameof(steps), $"TruncatedBackpropagation: expected k1 of at least 1 step, received {steps}.");
        int back = lookBack ?? steps;
        if (back < steps || back % steps != 0)
            throw new ArgumentOutOfRangeException(nameof(lookBack), $"TruncatedBackpropagation: expected k2 to be k1 = {steps} or a multiple of it, received {back}.");
        CompileSettings compiled = model.RequireCompiled();
        _optimizer = model.RequireOptimizer();
        options ??= new FitOptions();
        options.Check();
        (_model, Steps, LookBack, _seed) = (model, steps, back, seed);
        _score = new BatchScore(model, compiled, options.ClassWeights);
        _update = new ParameterUpdate(model, _optimizer, options, stopAtNonFinite: false);
        _earlier = new CarriedStates[back / steps];
        for (int i = 0; i < _earlier.Length; i++) _earlier[i] = new CarriedStates();
    }

    /// <summary>k₁, steps from one update to the next.</summary>
    public int Steps { get; }

    /// <summary>k₂, steps that a gradient is followed back.</summary>
    public int LookBack { get; }

    /// <summary>Updates made so far: the step of the layers' draws.</summary>
    public long Updates { get; private set; }

    /// <summary>Forgets the state, so that the next call begins new sequences.</summary>
    public void Reset()
    {
        _states.Clear();
        _batch = 0;
    }

    /// <summary>Trains on the next steps of a batch of sequences, one update every k₁ steps.</summary>
    /// <param name="inputs">[B, T] of ids or [B, T, F], possibly with lengths; B as in the last call unless the state was reset.</param>
    /// <param name="targets">For every step, as the loss wants them.</param>
    /// <param name="weights">[B, T], how much each step counts, 0 for not at all; null for 1 each.</param>
    /// <returns>The mean loss over the targets, each from before the update that it led to, penalties included.</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    /// <exception cref="InvalidOperationException">A layer that does not read forward.</exception>
    public double Train(Tensor inputs, Tensor targets, Tensor? weights = null)
    {
        Shape shape = inputs.Shape;
        if (shape.Rank < 2) throw new ArgumentException($"TruncatedBackpropagation: expected inputs [batch, time, …], received {shape}.", nameof(inputs));
        if (targets.Shape.Rank < 2 || targets.Shape[0] != shape[0] || targets.Shape[1] != shape[1])
            throw new ArgumentException($"TruncatedBackpropagation: expected targets for every step, [{shape[0]}, {shape[1]}, …], received {targets.Shape}.", nameof(targets));
        if (weights is { } given && (given.Layout is not null || given.Shape.Rank != 2 || given.Shape[0] != shape[0] || given.Shape[1] != shape[1]))
            throw new ArgumentException($"TruncatedBackpropagation: expected weights [{shape[0]}, {shape[1]}], received {given.Shape}{(given.Layout is null ? "" : " with lengths of its own")}.", nameof(weights));
        if (_batch != 0 && _batch != shape[0])
            throw new ArgumentException($"TruncatedBackpropagation: expected {_batch} sequences, whose states are carried on, received {shape[0]}. Call Reset to begin others.", nameof(inputs));
        _batch = shape[0];
        _model.BuildFor(shape, hasLengths: true);
        _score.Reset();
        for (int start = 0, piece = 0; start < shape[1]; start += Steps, piece++)
        {
            _earlier[piece % _earlier.Length].CopyFrom(_states);
            int pieces = Math.Min(piece + 1, _earlier.Length), from = (piece + 1 - pieces) * Steps;
            _states.CopyFrom(_earlier[(piece + 1 - pieces) % _earlier.Length]);
            Step(inputs, targets, weights, from, start, Math.Min(start + Steps, shape[1]));
        }
        return _score.MeanLoss;
    }

    /// <summary>Trains on one observation of one sequence: online learning, an update a step, with the state carried on.</summary>
    /// <param name="input">The step's features, or one id.</param>
    /// <param name="target">The step's target.</param>
    /// <returns>The loss before the update, penalties included.</returns>
    /// <exception cref="ArgumentException">Another number of features or targets than before, or than the model takes.</exception>
    public double Observe(ReadOnlySpan<float> input, ReadOnlySpan<float> target)
    {
        if (_observed.IsDefault)
        {
            bool isId = _model.InputShapeAt(0).Rank == 2;
            if (isId && input.Length != 1) throw new ArgumentException($"TruncatedBackpropagation: expected one id, received {input.Length} numbers.", nameof(input));
            _observed = isId ? Tensor.Zeros(1, 1) : Tensor.Zeros(1, 1, input.Length);
            _expected = Tensor.Zeros(1, 1, target.Length);
        }
        if (input.Length != _observed.StoredLength || target.Length != _expected.StoredLength)
            throw new ArgumentException($"TruncatedBackpropagation: expected {_observed.StoredLength} features and {_expected.StoredLength} targets, as in the first observation, received {input.Length} and {target.Length}.", nameof(input));
        input.CopyTo(_observed.Storage);
        target.CopyTo(_expected.Storage);
        return Train(_observed, _expected);
    }

    /// <summary>One update: runs from <paramref name="from"/>, counting the loss from <paramref name="start"/> to <paramref name="end"/>.</summary>
    private void Step(Tensor inputs, Tensor targets, Tensor? weights, int from, int start, int end)
    {
        try
        {
            BatchTensors batch = _batchTensors;
            (batch.Inputs[0], batch.Targets[0], batch.Weights[0]) = (TimePiece.Of(_tape, inputs, from, end), TimePiece.Of(_tape, targets, from, end), WeightsOf(inputs, weights, from, start, end));
            var pass = new Pass(_tape, Training: true, _seed, Updates, _states);
            Tensor loss = _score.Forward(batch, pass);
            float value = loss.Item;
            _tape.Backward(loss);
            _score.Add(batch, pass);
            double penalty = Regularization.AddGradients(_model.Parameters);
            _score.AddPenalty(penalty, _score.BatchWeight);
            _update.Run(value + (float)penalty, _seed, Updates, (1, (int)Updates + 1));
            Updates++;
        }
        finally
        {
            _tape.Reset();
        }
    }

    /// <summary>The steps' weights, 0 for those looked back on: their loss was counted before. Null where all count once.</summary>
    private Tensor? WeightsOf(Tensor inputs, Tensor? weights, int from, int start, int end)
    {
        if (weights is null && from == start) return null;
        Tensor piece = weights is { } given ? TimePiece.Of(_tape, given, from, end) : _tape.New(new Shape(inputs.Shape[0], end - from));
        if (weights is null) piece.Storage.Fill(1);
        int steps = end - from;
        for (int b = 0; b < piece.Shape[0]; b++) piece.Storage.Slice(b * steps, start - from).Clear();
        return piece;
    }
}
