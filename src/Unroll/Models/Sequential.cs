using System.Collections;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>
/// Layers in a row, each one's output the next one's input:
/// <c>new Sequential { new Embedding(1000, 64), new Lstm(128), new Dense(10) }</c>.
/// </summary>
/// <remarks>
/// Parameters are made as soon as shapes are known: at once where the first layer knows its input (an embedding) or
/// the constructor was given a shape, otherwise at <see cref="Build"/> or with the first data. Computing with a built
/// model from many threads is safe as long as nobody trains it.
/// </remarks>
public sealed partial class Sequential : IEnumerable<Layer>
{
    private readonly List<Layer> _layers = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Lock _building = new();
    private Shape? _input;
    private volatile int _built; // how many layers, from the first

    /// <summary>An empty model.</summary>
    /// <param name="seed">From which the initial weights are drawn, by layer and parameter name. Default 0.</param>
    /// <param name="name">The name that the summary shows. Default "sequential".</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    public Sequential(ulong seed = 0, string name = "sequential")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Seed = seed;
        Name = name;
    }

    /// <summary>An empty model for inputs of a shape, so that layers are built as they are added.</summary>
    /// <param name="input">Batch first and unknown (−1), for example [−1, −1, 16]; time may be unknown too.</param>
    /// <param name="seed">From which the initial weights are drawn. Default 0.</param>
    /// <param name="name">The name that the summary shows. Default "sequential".</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    public Sequential(Shape input, ulong seed = 0, string name = "sequential") : this(seed, name) => _input = input;

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The seed of the initial weights.</summary>
    public ulong Seed { get; }

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Every layer's trained arrays, first to last; those of layers that are not built yet are missing.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Whether every layer is built; false for an empty model.</summary>
    public bool IsBuilt => _layers.Count > 0 && _built == _layers.Count;

    /// <summary>The input's shape with its open axes, or null while it is not known.</summary>
    public Shape? InputShape => _input;

    /// <summary>The output's shape with its open axes, or null while the model is not built.</summary>
    public Shape? OutputShape => IsBuilt ? _layers[^1].OutputShape : null;

    /// <summary>
    /// The activation with which the last layer ends and which a loss computes together with itself (softmax, sigmoid);
    /// null where the last layer ends without one.
    /// </summary>
    public Ops.Activation? FinalActivation => _layers.Count == 0 ? null : _layers[^1].FinalActivation;

    /// <summary>
    /// What a task wants to keep in the model's file beside weights and layers: scalers, a vocabulary. No time, host or
    /// path belongs here, so that equal training gives equal bytes.
    /// </summary>
    public JsonObject Extras { get; private set; } = [];

    /// <summary>Appends a layer; one without a name gets its kind's, with a number where that is taken: "lstm", "lstm_1".</summary>
    /// <exception cref="ArgumentException">
    /// A layer that is in the model already, a name that is taken, or a layer that cannot take the output so far.
    /// </exception>
    public void Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (_layers.Contains(layer)) throw new ArgumentException($"{layer.Title} is in model '{Name}' already; make another layer.", nameof(layer));
        bool unnamed = layer.Name.Length == 0;
        if (unnamed) layer.Name = FreeName(layer.Kind);
        else if (layer.Name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"Layer name '{layer.Name}': '/' separates layer from parameter and cannot be part of a name.", nameof(layer));
        else if (IsTaken(layer.Name))
            throw new ArgumentException($"Model '{Name}' has a layer '{layer.Name}' already; give this {layer.GetType().Name} another name.", nameof(layer));
        if (_layers.Count == 0) _input ??= layer.KnownInputShape ?? (layer.IsBuilt ? layer.InputShape : null);
        _layers.Add(layer);
        try
        {
            layer.Connect(_layers);
            BuildKnown();
        }
        catch
        {
            _layers.RemoveAt(_layers.Count - 1);
            if (unnamed) layer.Name = "";
            throw;
        }
    }

    /// <summary>Makes the parameters for inputs of a shape. A second call with a shape that fits changes nothing.</summary>
    /// <param name="input">Batch first, for example [−1, −1, 16], −1 for an open axis.</param>
    /// <exception cref="ArgumentException">A shape that a layer cannot take, or another one than the model was built for.</exception>
    /// <exception cref="InvalidOperationException">The model has no layer.</exception>
    public void Build(Shape input)
    {
        RequireLayers();
        if (_input is { } known && !known.Accepts(input))
            throw new ArgumentException($"Model '{Name}': expected input {known}, received {input}. The input was fixed at build; make a new model, or give data of that shape.", nameof(input));
        lock (_building)
        {
            _input ??= input;
            try
            {
                BuildKnown();
            }
            catch when (_built == 0)
            {
                _input = null; // so that another shape can be tried
                throw;
            }
        }
    }

    /// <summary>
    /// Builds for data of this shape: the batch is left open, and so is the time of [batch, time, features] unless a
    /// layer needs to know it.
    /// </summary>
    internal void BuildFor(Shape data, bool hasLengths = false)
    {
        RequireLayers();
        if (IsBuilt) return;
        Shape fixedTime = data.With(0, Shape.Unknown);
        bool hasTime = data.Rank >= 3 || (hasLengths && data.Rank == 2);
        Shape openTime = hasTime ? fixedTime.With(1, Shape.Unknown) : fixedTime;
        Build(hasTime && !hasLengths && !CanTake(openTime) ? fixedTime : openTime);
    }

    private bool CanTake(Shape input)
    {
        try
        {
            foreach (Layer layer in _layers) input = layer.OutputShapeOf(input);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Computes the output, probabilities where the model ends in softmax or sigmoid.</summary>
    /// <param name="input">[B, F], [B, T] of token ids or [B, T, F], as the first layer takes it.</param>
    /// <param name="pass">The tape and whether dropout is active.</param>
    /// <exception cref="ArgumentException">An input that does not fit.</exception>
    public Tensor Forward(Tensor input, Pass pass)
    {
        Tensor x = ForwardToLast(input, pass);
        return _layers[^1].Forward(x, pass);
    }

    /// <summary>The output without <see cref="FinalActivation"/>, as losses that take logits want it.</summary>
    /// <param name="input">As for <see cref="Forward"/>.</param>
    /// <param name="pass">The tape and whether dropout is active.</param>
    /// <exception cref="ArgumentException">An input that does not fit.</exception>
    public Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        Tensor x = ForwardToLast(input, pass);
        return _layers[^1].ForwardBeforeActivation(x, pass);
    }

    /// <summary>How many numbers the model's parameters hold, frozen ones included.</summary>
    public long CountParameters()
    {
        long count = 0;
        foreach (Parameter parameter in _parameters) count += parameter.Count;
        return count;
    }

    /// <summary>
    /// The model as Keras prints it: a line a layer with output shape (None for an open axis) and number of
    /// parameters, then the totals. A layer that is not built yet shows "?".
    /// </summary>
    public string Summary() => SummaryTable.Of(this);

    /// <inheritdoc/>
    public IEnumerator<Layer> GetEnumerator() => _layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Tensor ForwardToLast(Tensor input, Pass pass)
    {
        if (!IsBuilt) BuildFor(input.Shape, !input.Lengths.IsEmpty);
        Tensor x = input;
        for (int i = 0; i < _layers.Count - 1; i++) x = _layers[i].Forward(x, pass);
        return x;
    }

    private void BuildKnown()
    {
        while (_built < _layers.Count)
        {
            Layer layer = _layers[_built];
            Shape? input = _built == 0 ? _input : _layers[_built - 1].OutputShape;
            if (input is not { } shape) return;
            layer.Build(shape, Seed);
            foreach (Parameter parameter in layer.Parameters)
            {
                string prefix = layer.Name + "/";
                // A layer that comes from another model brings the prefix along.
                if (!parameter.Name.StartsWith(prefix, StringComparison.Ordinal)) parameter.Name = prefix + parameter.Name;
                _parameters.Add(parameter);
            }
            _built++;
        }
    }

    private string FreeName(string kind)
    {
        string name = kind;
        for (int i = 1; IsTaken(name); i++) name = kind + "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return name;
    }

    private bool IsTaken(string name) => _layers.Exists(layer => layer.Name == name);

    private void RequireLayers()
    {
        if (_layers.Count == 0) throw new InvalidOperationException($"Model '{Name}' has no layer; add one first.");
    }
}
