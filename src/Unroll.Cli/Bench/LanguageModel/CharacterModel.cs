using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Cli.Bench.LanguageModel;

/// <summary>
/// A character language model and its training step: an embedding, LSTM layers with two biases a gate as in PyTorch, and a
/// dense layer over the vocabulary; softmax cross-entropy over every step, clipping of the global norm at 5, Adam at 0.002.
/// The state is carried from batch to batch as values, without their gradient, and begins anew when the rows end.
/// </summary>
internal sealed class CharacterModel
{
    private const float LearningRate = 2e-3f, LargestNorm = 5f;

    private readonly CharacterText _text;
    private readonly int _steps;
    private readonly Embedding _embedding;
    private readonly Lstm[] _layers;
    private readonly Dense _output;
    private readonly Parameter[] _parameters;
    private readonly Adam _optimizer = new(LearningRate);
    private readonly Loss _loss = Loss.SparseCategoricalCrossEntropy();
    private readonly Tape _tape = new();
    private readonly Tensor _characters, _next;

    // Outside the tape, which recycles its own tensors: values alone survive a step, and nothing is allocated for them.
    private readonly RecurrentState[] _carried, _finals;
    private int _position;

    /// <summary>Makes the model with its initial weights.</summary>
    /// <param name="text">What it learns.</param>
    /// <param name="units">H, and the embedding's width.</param>
    /// <param name="layers">How many LSTM layers.</param>
    /// <param name="steps">T, steps of a batch.</param>
    /// <param name="seed">Of the initial weights.</param>
    public CharacterModel(CharacterText text, int units, int layers, int steps, ulong seed)
    {
        _text = text;
        _steps = steps;
        _embedding = new Embedding(text.Vocabulary, units, name: "embedding");
        _embedding.Build(new Shape(Shape.Unknown, Shape.Unknown), seed);
        var sequence = new Shape(Shape.Unknown, Shape.Unknown, units);
        _layers = new Lstm[layers];
        for (int l = 0; l < layers; l++)
        {
            _layers[l] = new Lstm(units, returnSequences: true, name: $"lstm_{l}") { SeparateBiases = true };
            _layers[l].Build(sequence, seed);
        }
        _output = new Dense(text.Vocabulary, name: "output");
        _output.Build(sequence, seed);
        _parameters = [.. _embedding.Parameters, .. _layers.SelectMany(layer => layer.Parameters), .. _output.Parameters];
        _characters = Tensor.Zeros(text.Rows, steps);
        _next = Tensor.Zeros(text.Rows, steps);
        _carried = [.. _layers.Select(_ => new RecurrentState(Tensor.Zeros(text.Rows, units), Tensor.Zeros(text.Rows, units)))];
        _finals = new RecurrentState[layers];
    }

    /// <summary>The embedding's, then each LSTM layer's, then the output's.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>What changes the weights.</summary>
    public Optimizer Optimizer => _optimizer;

    /// <summary>The LSTM layers, in order.</summary>
    public IReadOnlyList<Lstm> Layers => _layers;

    /// <summary>One training step on the next batch. Allocates nothing once warm.</summary>
    /// <returns>The loss before the step, in nats a character.</returns>
    public float Step()
    {
        if (_position + _steps > _text.RowLength) Restart();
        _text.CopyBatch(_position, _steps, _characters.Storage, _next.Storage);
        _position += _steps;

        Tensor loss = _loss.Of(Forward(_characters, new Pass(_tape, Training: true)), _next);
        float value = loss.Item;
        _tape.Backward(loss);
        Carry(); // only now: the backward pass has read the old states
        _tape.Reset();
        GradientClipping.ByGlobalNorm(_parameters, LargestNorm);
        _optimizer.Step(_parameters);
        return value;
    }

    /// <summary>The logits [B, T, V] of characters [B, T], from the carried state, which stays as it is.</summary>
    public Tensor Forward(Tensor characters, Pass pass)
    {
        Tensor x = _embedding.Forward(characters, pass);
        for (int l = 0; l < _layers.Length; l++) (x, _finals[l]) = _layers[l].ForwardWithState(x, _carried[l], pass);
        return _output.Forward(x, pass);
    }

    private void Carry()
    {
        for (int l = 0; l < _layers.Length; l++) _finals[l].CopyTo(_carried[l]);
    }

    private void Restart()
    {
        _position = 0;
        foreach (RecurrentState state in _carried)
        {
            state.Hidden.Storage.Clear();
            state.Carry!.Value.Storage.Clear();
        }
    }
}
