using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A part of a model: turns a tensor into a tensor, with trained parameters made when the input's shape is known.
/// Shapes here carry the batch as their first axis, <see cref="Shape.Unknown"/> where it is open; so may time be.
/// </summary>
public abstract class Layer
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<string> _parameterNames = [];
    private bool _trainable = true;
    private float _rateMultiplier = 1;

    /// <summary>A layer not yet built.</summary>
    /// <param name="name">Unique in its model; null for the kind's own name ("lstm", then "lstm_1" …), given by the model.</param>
    protected Layer(string? name) => Name = name ?? "";

    /// <summary>The layer's name; empty until a model gives it one.</summary>
    public string Name { get; internal set; }

    /// <summary>The word that names the kind in a saved model and in default names, for example <c>"lstm"</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether training changes its parameters. Default true; false freezes them.</summary>
    public bool Trainable
    {
        get => _trainable;
        set
        {
            _trainable = value;
            foreach (Parameter parameter in _parameters) parameter.Trainable = value;
        }
    }

    /// <summary>
    /// What an optimiser multiplies its learning rate with for this layer's parameters: layer-wise rates, as for fine-tuning.
    /// Finite, at least 0; default 1. Not saved with a model.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, infinite or NaN.</exception>
    public float RateMultiplier
    {
        get => _rateMultiplier;
        set
        {
            if (!(float.IsFinite(value) && value >= 0))
                throw new ArgumentOutOfRangeException(nameof(value), FormattableString.Invariant($"{Title}: expected a rate multiplier that is finite and at least 0, received {value}."));
            _rateMultiplier = value;
            foreach (Parameter parameter in _parameters) parameter.RateMultiplier = value;
        }
    }

    /// <summary>Whether parameters exist and the input's features are fixed.</summary>
    public bool IsBuilt { get; private set; }

    /// <summary>The input shape it was built for; batch and perhaps time unknown.</summary>
    public Shape InputShape { get; private set; }

    /// <summary>The output's shape for the built input.</summary>
    public Shape OutputShape { get; private set; }

    /// <summary>The trained arrays in a fixed order; empty before <see cref="Build"/>.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The names of <see cref="Parameters"/> within the layer: a parameter's own name begins with those of the layers and models around it.</summary>
    internal IReadOnlyList<string> ParameterNames => _parameterNames;

    /// <summary>The input shape that the layer knows without being told (an embedding takes [?, ?] ids), or null.</summary>
    public virtual Shape? KnownInputShape => null;

    /// <summary>
    /// The activation with which the layer ends, when <see cref="ForwardBeforeActivation"/> gives what precedes it;
    /// null otherwise. A loss computes the two together (softmax with cross-entropy).
    /// </summary>
    public virtual Ops.Activation? FinalActivation => null;

    /// <summary>Finds the layers of a model that this one shares with; called when it is added, before it is built. The default needs none.</summary>
    /// <param name="earlier">The model's layers so far, itself the last.</param>
    /// <exception cref="ArgumentException">A layer that it needs is not among them.</exception>
    internal virtual void Connect(IReadOnlyList<Layer> earlier)
    {
    }

    /// <summary>Makes the parameters for inputs of a shape; a second call with a shape that fits changes nothing.</summary>
    /// <param name="input">Batch first, for example [?, ?, 16].</param>
    /// <param name="seed">The seed from which initial values are drawn, by layer and parameter name.</param>
    /// <exception cref="ArgumentException">A shape that the layer cannot take.</exception>
    public void Build(Shape input, ulong seed = 0)
    {
        if (IsBuilt)
        {
            if (!InputShape.Accepts(input))
                throw new ArgumentException($"{Title}: expected input {InputShape}, received {input}. The feature count was fixed at build; make a new layer, or give the data {InputShape.Features} features.", nameof(input));
            return;
        }
        Shape output = OutputShapeOf(input);
        CreateParameters(input, seed);
        MarkBuilt(input, output);
    }

    /// <summary>Makes the parameters for what a built layer of the same kind was built for; their values are to be set.</summary>
    internal virtual void BuildLike(Layer built) => Build(built.InputShape);

    /// <summary>The shape that comes out for a shape that goes in; batch and time may be unknown.</summary>
    /// <exception cref="ArgumentException">A shape that the layer cannot take; the message names the layer, axis, expected and found.</exception>
    public abstract Shape OutputShapeOf(Shape input);

    /// <summary>Computes the output, recording for a backward pass when the pass's tape does.</summary>
    /// <exception cref="ArgumentException">An input that does not fit what the layer was built for.</exception>
    public abstract Tensor Forward(Tensor input, Pass pass);

    /// <summary>The output without <see cref="FinalActivation"/>; the whole output where there is none.</summary>
    public virtual Tensor ForwardBeforeActivation(Tensor input, Pass pass) => Forward(input, pass);

    /// <summary>Writes the settings that <see cref="LayerCatalogue"/> needs to make an equal layer; not the weights.</summary>
    public abstract void WriteConfiguration(JsonObject configuration);

    /// <summary>For messages: the class and name, for example <c>Lstm 'encoder'</c>.</summary>
    public string Title => Name.Length == 0 ? GetType().Name : $"{GetType().Name} '{Name}'";

    /// <summary>Makes parameters with <see cref="AddParameter(Parameter)"/>. The default makes none.</summary>
    protected virtual void CreateParameters(Shape input, ulong seed)
    {
    }

    /// <summary>Adds a trained array; the order of the calls is the order of <see cref="Parameters"/>.</summary>
    protected Parameter AddParameter(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        AddParameter(parameter, parameter.Name);
        return parameter;
    }

    /// <summary>Adds a trained array of an inner layer or model under its name within this one.</summary>
    private protected void AddParameter(Parameter parameter, string name)
    {
        _parameters.Add(parameter);
        _parameterNames.Add(name);
    }

    /// <summary>Takes the parameters of a built layer within this one over, behind its name here.</summary>
    private protected void AddParametersOf(Layer inner, string name)
    {
        for (int i = 0; i < inner.Parameters.Count; i++)
        {
            inner.Parameters[i].Name = $"{name}/{inner.ParameterNames[i]}";
            AddParameter(inner.Parameters[i]);
        }
    }

    /// <summary>Tells that the parameters exist.</summary>
    private protected void MarkBuilt(Shape input, Shape output)
    {
        InputShape = input;
        OutputShape = output;
        IsBuilt = true;
        // Only frozen, never thawed: a layer made of layers may hold frozen ones.
        if (!_trainable) Trainable = false;
        if (_rateMultiplier != 1) RateMultiplier = _rateMultiplier;
    }

    /// <summary>Builds for the actual input if need be, and refuses one that does not fit.</summary>
    protected void EnsureBuilt(Tensor input, Pass pass)
    {
        Shape shape = input.Shape;
        if (!IsBuilt)
        {
            Build(OpenAxes(shape), pass.Seed);
            return;
        }
        if (!InputShape.Accepts(shape))
            throw new ArgumentException($"{Title}: expected input {InputShape}, received {shape}. The feature count was fixed at build; rebuild, or give the data {InputShape.Features} features.", nameof(input));
    }

    /// <summary>The shape for which to build, given that of data: batch and time open.</summary>
    private protected static Shape OpenAxes(Shape shape)
    {
        shape = shape.With(0, Shape.Unknown);
        return shape.Rank >= 3 ? shape.With(1, Shape.Unknown) : shape;
    }
}
