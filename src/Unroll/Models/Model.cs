using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>
/// Layers that each compute from whichever inputs and layers they want: several inputs and outputs, layers that are shared, models in
/// models. <c>var x = Input.Of(new Shape(-1, -1, 16)); var model = new Model(x, new Dense(2).Of(new Lstm(32).Of(x)));</c>
/// </summary>
/// <remarks>Layers are named and built when the model is made, those first on which others depend, inputs from left to right.</remarks>
public sealed class Model : Network
{
    private readonly GraphPlan _plan;
    private readonly Dictionary<Layer, List<LayerCall>> _calls = [];
    private readonly List<Layer> _layers = [];
    private readonly string[] _inputNames, _outputNames;

    /// <summary>A model of one input and one output.</summary>
    /// <param name="input">From <see cref="Input.Of"/>.</param>
    /// <param name="output">What leads there decides which layers the model has.</param>
    /// <param name="seed">From which the initial weights are drawn, by layer and parameter name. Default 0.</param>
    /// <param name="name">The name that the summary shows. Default "model".</param>
    /// <exception cref="ArgumentException">An output that does not come from the input alone, or layers of one name.</exception>
    public Model(LayerOutput input, LayerOutput output, ulong seed = 0, string name = "model")
        : this([input], [output], seed, name)
    {
    }

    /// <summary>A model of several inputs and outputs.</summary>
    /// <param name="inputs">Each from <see cref="Input.Of"/>, in the order in which data are given.</param>
    /// <param name="outputs">What leads there decides which layers the model has; no output twice.</param>
    /// <param name="seed">From which the initial weights are drawn, by layer and parameter name. Default 0.</param>
    /// <param name="name">The name that the summary shows. Default "model".</param>
    /// <exception cref="ArgumentException">An input that is missing, leads nowhere or is none, an output twice, or layers of one name.</exception>
    public Model(IReadOnlyList<LayerOutput> inputs, IReadOnlyList<LayerOutput> outputs, ulong seed = 0, string name = "model")
        : base(seed, name)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        _plan = new GraphPlan(name, Inputs, Outputs);
        foreach (LayerCall call in _plan.Calls)
        {
            if (!_calls.TryGetValue(call.Layer!, out List<LayerCall>? calls))
            {
                _calls.Add(call.Layer!, calls = []);
                _layers.Add(call.Layer!);
            }
            calls.Add(call);
        }
        _inputNames = new string[Inputs.Count];
        NameAll();
        foreach (Layer layer in _layers) layer.Connect(_layers);
        foreach (LayerCall call in _plan.Calls) call.Build(seed);
        foreach (Layer layer in _layers) Adopt(layer);
        _outputNames = new string[Outputs.Count];
        for (int i = 0; i < _outputNames.Length; i++) _outputNames[i] = FreeName(CallOf(Outputs[i]).Name, taken => _outputNames.AsSpan(0, i).Contains(taken));
    }

    /// <summary>The inputs, as they were given.</summary>
    public IReadOnlyList<LayerOutput> Inputs { get; }

    /// <summary>The outputs, as they were given.</summary>
    public IReadOnlyList<LayerOutput> Outputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Layer> Layers => _layers;

    /// <inheritdoc/>
    public override bool IsBuilt => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => _inputNames;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => _outputNames;

    /// <summary>The layers' applications, each after those that it computes from.</summary>
    internal IReadOnlyList<LayerCall> Calls => _plan.Calls;

    /// <summary>Reads a functional model that <see cref="Network.Save"/> wrote.</summary>
    /// <exception cref="Files.ModelFileException">As for <see cref="Network.Load"/>; or the file holds layers in a row.</exception>
    public static new Model Load(string path) => ModelFile.Load<Model>(path);

    /// <summary>What a layer of the model gives, to make another model from: a loaded model with another head.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="call">Which application of it, from 0.</param>
    /// <exception cref="ArgumentException">No such layer or application.</exception>
    public LayerOutput OutputOf(string layer, int call = 0)
    {
        Layer found = _layers.Find(one => one.Name == layer)
            ?? throw new ArgumentException($"Model '{Name}' has no layer '{layer}'; there are {string.Join(", ", _layers.Select(one => one.Name))}.", nameof(layer));
        return (uint)call < (uint)_calls[found].Count ? _calls[found][call].Outputs[0]
            : throw new ArgumentException($"Model '{Name}': expected a call of '{layer}' from 0 to {_calls[found].Count - 1}, received {call}.", nameof(call));
    }

    /// <inheritdoc/>
    public override string Summary() => SummaryTable.Of(this);

    internal override int OutputCount => Outputs.Count;

    /// <summary>Whether something is computed from an output, or it is one of the model's own.</summary>
    internal bool Reads(LayerOutput output) => Outputs.Contains(output) || _plan.ReadersOf(output).Any();

    internal IReadOnlyList<LayerCall> CallsOf(Layer layer) => _calls[layer];

    /// <summary>Where an output comes from: an input's or a layer's name, and which of the layer's calls.</summary>
    internal (string Name, int Call) CallOf(LayerOutput output) => output.Call.Layer is { } layer
        ? (layer.Name, _calls[layer].IndexOf(output.Call))
        : (_inputNames[Inputs.ToList().IndexOf(output)], 0);

    internal override void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, ReadOnlySpan<bool> beforeActivation, Pass pass, Action<Layer, Tensor>? observe = null)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (!Inputs[i].Shape.Accepts(inputs[i].Shape))
                throw new ArgumentException($"Model '{Name}': expected {Inputs[i].Shape} as input '{_inputNames[i]}', received {inputs[i].Shape}.", nameof(inputs));
        _plan.Run(inputs, outputs, beforeActivation, pass, observe);
    }

    internal override Shape[] OutputShapesOf(Shape[] inputs)
    {
        if (inputs.Length != Inputs.Count)
            throw new ArgumentException($"Model '{Name}': expected {Inputs.Count} inputs ({string.Join(", ", _inputNames)}), received {inputs.Length}.", nameof(inputs));
        var shapes = new Dictionary<LayerOutput, Shape>();
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!Inputs[i].Shape.Accepts(inputs[i])) throw new ArgumentException($"Model '{Name}': expected {Inputs[i].Shape} as input '{_inputNames[i]}', received {inputs[i]}.", nameof(inputs));
            shapes[Inputs[i]] = inputs[i];
        }
        foreach (LayerCall call in _plan.Calls)
        {
            Shape[] given = call.OutputShapesOf([.. call.Inputs.Select(input => shapes[input])]);
            for (int i = 0; i < given.Length; i++) shapes[call.Outputs[i]] = given[i];
        }
        return [.. Outputs.Select(output => shapes[output])];
    }

    internal override Shape InputShapeAt(int input) => Inputs[input].Shape;

    internal override Shape OutputShapeAt(int output) => Outputs[output].Shape;

    internal override IEnumerable<Layer> ReadersOf(int input) => _plan.ReadersOf(Inputs[input]).Select(call => call.Layer!);

    internal override Activation? FinalActivationOf(int output) => GraphPlan.ActivationOf(Outputs[output]);

    internal override void BuildFor(Shape data, bool hasLengths = false)
    {
    }

    /// <summary>Names for inputs and layers that have none; each name once.</summary>
    private void NameAll()
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in Inputs.Select(input => input.Call.InputName).Concat(_layers.Select(layer => layer.Name)))
            if (name.Length > 0 && !taken.Add(name)) throw new ArgumentException($"Model '{Name}': two inputs or layers are named '{name}'; give one another name.");
        for (int i = 0; i < Inputs.Count; i++)
            _inputNames[i] = Inputs[i].Call.InputName.Length > 0 ? Inputs[i].Call.InputName : Taken("input");
        foreach (Layer layer in _layers)
        {
            if (layer.Name.Length == 0) layer.Name = Taken(layer.Kind);
            else if (layer.Name.Contains('/', StringComparison.Ordinal)) throw new ArgumentException($"Layer name '{layer.Name}': '/' separates layer from parameter and cannot be part of a name.");
        }

        string Taken(string kind)
        {
            string name = FreeName(kind, taken.Contains);
            taken.Add(name);
            return name;
        }
    }
}
