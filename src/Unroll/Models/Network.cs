using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>
/// Layers that compute together, trained, judged, saved and used as one: in a row (<see cref="Sequential"/>), or each from
/// whichever others it wants (<see cref="Model"/>).
/// </summary>
/// <remarks>Computing with a built model from many threads is safe as long as nobody trains it.</remarks>
public abstract partial class Network
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<string> _parameterNames = [];
    private ModelLayer? _layer;

    private protected Network(ulong seed, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Seed = seed;
        Name = name;
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The seed of the initial weights.</summary>
    public ulong Seed { get; }

    /// <summary>The layers, each after those that it computes from.</summary>
    public abstract IReadOnlyList<Layer> Layers { get; }

    /// <summary>Every layer's trained arrays, in the layers' order; those of layers that are not built yet are missing.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Whether every layer is built; false for a model without layers.</summary>
    public abstract bool IsBuilt { get; }

    /// <summary>The inputs' names, by which data can be given.</summary>
    public abstract IReadOnlyList<string> InputNames { get; }

    /// <summary>The outputs' names: those of the layers that give them.</summary>
    public abstract IReadOnlyList<string> OutputNames { get; }

    /// <summary>
    /// What a task wants to keep in the model's file beside weights and layers: scalers, a vocabulary. No time, host or
    /// path belongs here, so that equal training gives equal bytes.
    /// </summary>
    public JsonObject Extras { get; internal set; } = [];

    internal int InputCount => InputNames.Count;

    internal abstract int OutputCount { get; }

    /// <summary>The names of <see cref="Parameters"/> in this model; a parameter's own name is that in the model that it joined last.</summary>
    internal IReadOnlyList<string> ParameterNames => _parameterNames;

    /// <summary>
    /// Computes the output, probabilities where the model ends in softmax or sigmoid.
    /// </summary>
    /// <param name="input">[B, F], [B, T] of token ids or [B, T, F], as the first layer takes it.</param>
    /// <param name="pass">The tape and whether dropout is active.</param>
    /// <exception cref="ArgumentException">An input that does not fit, or a model of several inputs or outputs.</exception>
    public Tensor Forward(Tensor input, Pass pass) => RunOne(input, pass, [false]);

    /// <summary>The output without its final activation, as losses that take logits want it.</summary>
    /// <param name="input">As for <see cref="Forward(Tensor, Pass)"/>.</param>
    /// <param name="pass">The tape and whether dropout is active.</param>
    /// <exception cref="ArgumentException">An input that does not fit, or a model of several inputs or outputs.</exception>
    public Tensor ForwardBeforeActivation(Tensor input, Pass pass) => RunOne(input, pass, [true]);

    /// <summary>Computes every output from every input, in the order of <see cref="InputNames"/> and <see cref="OutputNames"/>.</summary>
    /// <param name="inputs">One tensor an input.</param>
    /// <param name="pass">The tape and whether dropout is active.</param>
    /// <param name="beforeActivation">Whether to leave the final activations out, as losses that take logits want it. Default false.</param>
    /// <exception cref="ArgumentException">Another number of inputs, or one that does not fit.</exception>
    public Tensor[] Forward(IReadOnlyList<Tensor> inputs, Pass pass, bool beforeActivation = false)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Tensor[] given = [.. inputs];
        EnsureBuilt(given);
        var outputs = new Tensor[OutputCount];
        var flags = new bool[OutputCount];
        flags.AsSpan().Fill(beforeActivation);
        Run(given, outputs, flags, pass);
        return outputs;
    }

    /// <summary>How many numbers the model's parameters hold, frozen ones included.</summary>
    public long CountParameters()
    {
        long count = 0;
        foreach (Parameter parameter in _parameters) count += parameter.Count;
        return count;
    }

    /// <summary>
    /// The model as Keras prints it: a line a layer with output shape (None for an open axis), number of parameters and, for a
    /// functional model, what it computes from; then the totals. A layer that is not built yet shows "?".
    /// </summary>
    public abstract string Summary();

    /// <summary>The model as a layer of another; the same one at every call, so that all uses share its weights.</summary>
    public ModelLayer AsLayer() => _layer ??= new ModelLayer(this);

    /// <summary>Computes outputs into their places, one by one on the tape. Allocates nothing once warm.</summary>
    /// <param name="inputs">One tensor an input, of a built model.</param>
    /// <param name="outputs">Where they go.</param>
    /// <param name="beforeActivation">For each output whether its final activation is left out.</param>
    /// <param name="pass">The tape and whether dropout is active.</param>
    /// <param name="observe">Told what each layer gives.</param>
    internal abstract void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, ReadOnlySpan<bool> beforeActivation, Pass pass, Action<Layer, Tensor>? observe = null);

    /// <summary>The shapes that come out for shapes that go in.</summary>
    /// <exception cref="ArgumentException">Another number of shapes, or ones that a layer cannot take.</exception>
    internal abstract Shape[] OutputShapesOf(Shape[] inputs);

    /// <summary>An input's shape with its open axes, of a built model.</summary>
    internal abstract Shape InputShapeAt(int input);

    /// <summary>An output's shape with its open axes, of a built model.</summary>
    internal abstract Shape OutputShapeAt(int output);

    /// <summary>The layers that an input goes into.</summary>
    internal abstract IEnumerable<Layer> ReadersOf(int input);

    /// <summary>The activation with which an output ends and which a loss computes together with itself, or null.</summary>
    internal abstract Activation? FinalActivationOf(int output);

    /// <summary>
    /// Builds for data of this shape: the batch is left open, and so is the time of [batch, time, features] unless a
    /// layer needs to know it.
    /// </summary>
    internal abstract void BuildFor(Shape data, bool hasLengths = false);

    /// <summary>Builds the model for the data if it is not built, and refuses another number of inputs.</summary>
    internal void EnsureBuilt(ReadOnlySpan<Tensor> inputs)
    {
        if (!IsBuilt && InputCount == 1 && inputs.Length == 1) BuildFor(inputs[0].Shape, !inputs[0].Lengths.IsEmpty);
        if (inputs.Length != InputCount)
            throw new ArgumentException($"Model '{Name}': expected {InputCount} {(InputCount == 1 ? "input" : "inputs")} ({string.Join(", ", InputNames)}), received {inputs.Length}.", nameof(inputs));
    }

    /// <summary>What was given by name, in the model's order.</summary>
    /// <exception cref="ArgumentException">A name that is missing or unknown.</exception>
    internal TItem[] InOrder<TItem>(IReadOnlyDictionary<string, TItem> given, IReadOnlyList<string> names, string what)
    {
        ArgumentNullException.ThrowIfNull(given);
        foreach (string name in given.Keys)
            if (!names.Contains(name)) throw new ArgumentException($"Model '{Name}' has no {what} '{name}'; there are {string.Join(", ", names)}.", nameof(given));
        return [.. names.Select(name => given.TryGetValue(name, out TItem? item) ? item
            : throw new ArgumentException($"Model '{Name}': nothing is given for its {what} '{name}'.", nameof(given)))];
    }

    /// <summary>Takes a built layer's parameters over, behind its name.</summary>
    private protected void Adopt(Layer layer)
    {
        for (int i = 0; i < layer.Parameters.Count; i++)
        {
            string name = $"{layer.Name}/{layer.ParameterNames[i]}";
            layer.Parameters[i].Name = name;
            _parameters.Add(layer.Parameters[i]);
            _parameterNames.Add(name);
        }
    }

    /// <summary>The kind's name, with a number where names are taken: "lstm", "lstm_1".</summary>
    private protected static string FreeName(string kind, Func<string, bool> isTaken)
    {
        string name = kind;
        for (int i = 1; isTaken(name); i++) name = kind + "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return name;
    }

    private Tensor RunOne(Tensor input, Pass pass, ReadOnlySpan<bool> beforeActivation)
    {
        EnsureBuilt(new ReadOnlySpan<Tensor>(ref input));
        if (OutputCount != 1)
            throw new ArgumentException($"Model '{Name}' has {OutputCount} outputs ({string.Join(", ", OutputNames)}); call Forward with a list of inputs, which gives all of them.", nameof(input));
        Tensor output = default;
        Run(new ReadOnlySpan<Tensor>(ref input), new Span<Tensor>(ref output), beforeActivation, pass);
        return output;
    }
}
