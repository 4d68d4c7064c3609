using System.Collections;
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
public sealed class Sequential : Network, IEnumerable<Layer>
{
    private static readonly string[] s_inputNames = ["input"];

    private readonly List<Layer> _layers = [];
    private readonly Lock _building = new();
    private Shape? _input;
    private volatile int _built; // how many layers, from the first

    /// <summary>An empty model.</summary>
    /// <param name="seed">From which the initial weights are drawn, by layer and parameter name. Default 0.</param>
    /// <param name="name">The name that the summary shows. Default "sequential".</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    public Sequential(ulong seed = 0, string name = "sequential")
        : base(seed, name)
    {
    }

    /// <summary>An empty model for inputs of a shape, so that layers are built as they are added.</summary>
    /// <param name="input">Batch first and unknown (−1), for example [−1, −1, 16]; time may be unknown too.</param>
    /// <param name="seed">From which the initial weights are drawn. Default 0.</param>
    /// <param name="name">The name that the summary shows. Default "sequential".</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    public Sequential(Shape input, ulong seed = 0, string name = "sequential") : this(seed, name) => _input = input;

    /// <inheritdoc/>
    public override IReadOnlyList<Layer> Layers => _layers;

    /// <inheritdoc/>
    public override bool IsBuilt => _layers.Count > 0 && _built == _layers.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => s_inputNames;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [_layers.Count == 0 ? "output" : _layers[^1].Name];

    /// <summary>The input's shape with its open axes, or null while it is not known.</summary>
    public Shape? InputShape => _input;

    /// <summary>The output's shape with its open axes, or null while the model is not built.</summary>
    public Shape? OutputShape => IsBuilt ? _layers[^1].OutputShape : null;

    /// <summary>
    /// The activation with which the last layer ends and which a loss computes together with itself (softmax, sigmoid);
    /// null where the last layer ends without one.
    /// </summary>
    public Ops.Activation? FinalActivation => _layers.Count == 0 ? null : _layers[^1].FinalActivation;

    /// <summary>Appends a layer; one without a name gets its kind's, with a number where that is taken: "lstm", "lstm_1".</summary>
    /// <exception cref="ArgumentException">
    /// A layer that is in the model already, a name that is taken, or a layer that cannot take the output so far.
    /// </exception>
    public void Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (_layers.Contains(layer)) throw new ArgumentException($"{layer.Title} is in model '{Name}' already; make another layer.", nameof(layer));
        bool unnamed = layer.Name.Length == 0;
        if (unnamed) layer.Name = FreeName(layer.Kind, IsTaken);
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

    /// <summary>Appends a model as a layer, under the model's name.</summary>
    /// <exception cref="ArgumentException">As for a layer; or a model of several inputs or outputs.</exception>
    public void Add(Network model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.InputCount != 1 || model.OutputCount != 1)
            throw new ArgumentException($"Model '{Name}': expected a model of one input and one output in a row, received '{model.Name}' with {model.InputCount} and {model.OutputCount}. Use a functional Model.", nameof(model));
        Add(model.AsLayer());
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

    /// <summary>Reads layers in a row that <see cref="Network.Save"/> wrote.</summary>
    /// <exception cref="Files.ModelFileException">As for <see cref="Network.Load"/>; or the file holds a functional model.</exception>
    public static new Sequential Load(string path) => ModelFile.Load<Sequential>(path);

    /// <inheritdoc/>
    public override string Summary() => SummaryTable.Of(this);

    /// <inheritdoc/>
    public IEnumerator<Layer> GetEnumerator() => _layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override int OutputCount => 1;

    internal override void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, ReadOnlySpan<bool> beforeActivation, Pass pass, Action<Layer, Tensor>? observe = null)
    {
        Tensor x = inputs[0];
        for (int i = 0; i < _layers.Count; i++)
        {
            bool before = beforeActivation[0] && i == _layers.Count - 1;
            x = before ? _layers[i].ForwardBeforeActivation(x, pass) : _layers[i].Forward(x, pass);
            observe?.Invoke(_layers[i], x);
        }
        outputs[0] = x;
    }

    internal override Shape[] OutputShapesOf(Shape[] inputs)
    {
        if (inputs.Length != 1) throw new ArgumentException($"Model '{Name}': expected one input, received {inputs.Length}. Merge them first, for example with Concatenate.", nameof(inputs));
        RequireLayers();
        Shape shape = inputs[0];
        if (_input is { } known && !known.Accepts(shape))
            throw new ArgumentException($"Model '{Name}': expected input {known}, received {shape}.", nameof(inputs));
        foreach (Layer layer in _layers) shape = layer.OutputShapeOf(shape);
        return [shape];
    }

    internal override Shape InputShapeAt(int input) => _input!.Value;

    internal override Shape OutputShapeAt(int output) => _layers[^1].OutputShape;

    internal override IEnumerable<Layer> ReadersOf(int input) => _layers.Take(1);

    internal override Ops.Activation? FinalActivationOf(int output) => FinalActivation;

    internal override void BuildFor(Shape data, bool hasLengths = false)
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

    private void BuildKnown()
    {
        while (_built < _layers.Count)
        {
            Layer layer = _layers[_built];
            Shape? input = _built == 0 ? _input : _layers[_built - 1].OutputShape;
            if (input is not { } shape) return;
            layer.Build(shape, Seed);
            Adopt(layer);
            _built++;
        }
    }

    private bool IsTaken(string name) => _layers.Exists(layer => layer.Name == name);

    private void RequireLayers()
    {
        if (_layers.Count == 0) throw new InvalidOperationException($"Model '{Name}' has no layer; add one first.");
    }
}
