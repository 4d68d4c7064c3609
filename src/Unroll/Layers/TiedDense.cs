using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A dense layer onto a vocabulary whose weights are the rows of an <see cref="Embedding"/>'s table E [V, U] in the same
/// model: y = f(x · Eᵀ + b) (Press and Wolf 2017, arXiv 1608.05859). The table is trained by both and saved once.
/// </summary>
public sealed class TiedDense : Layer
{
    internal const string KindName = "tied_dense";

    private readonly Lock _filling = new();
    private Embedding? _embedding;
    private string _embeddingName = "";
    private Parameter? _kernel, _bias;
    private long _filledVersion = -1;

    /// <summary>A dense layer that shares an embedding's table.</summary>
    /// <param name="embedding">In the same model, before this layer. Its units are this layer's inputs, its vocabulary the units.</param>
    /// <param name="activation">f, as an object or a Keras name; default linear.</param>
    /// <param name="useBias">Whether b exists. Default true.</param>
    /// <param name="biasInitializer">First values of b; default <see cref="Zeros"/>.</param>
    /// <param name="name">Unique in its model; null for "tied_dense", "tied_dense_1" …</param>
    public TiedDense(Embedding embedding, Activation? activation = null, bool useBias = true, Initializer? biasInitializer = null, string? name = null)
        : this(activation ?? Activation.Linear, useBias, biasInitializer ?? new Zeros(), name)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        _embedding = embedding;
    }

    private TiedDense(Activation activation, bool useBias, Initializer biasInitializer, string? name)
        : base(name) => (Activation, UseBias, BiasInitializer) = (activation, useBias, biasInitializer);

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The layer whose table is shared; null in a layer from a file that is in no model yet.</summary>
    public Embedding? Embedding => _embedding;

    /// <summary>f, what follows the linear map.</summary>
    public Activation Activation { get; }

    /// <summary>Whether b exists.</summary>
    public bool UseBias { get; }

    /// <summary>First values of b.</summary>
    public Initializer BiasInitializer { get; }

    /// <inheritdoc/>
    public override Activation? FinalActivation => Activation == Activation.Linear ? null : Activation;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        Embedding embedding = Connected();
        if (input.Rank < 2 || input.Features != embedding.Units)
            throw new ArgumentException($"{Title}: expected input [batch, …, {embedding.Units}], as wide as the rows of {embedding.Title}, received {input}. Put a Dense({embedding.Units}) before it, or choose that width for the embedding.", nameof(input));
        return input.With(-1, embedding.Vocabulary);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => Activation.Apply(pass.Tape, ForwardBeforeActivation(input, pass));

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Parameter table = Connected().Table ?? throw new InvalidOperationException($"{Title}: {Connected().Title} has no table yet; build it first.");
        lock (_filling)
        {
            long version = table.Version;
            TiedKernelOp.Apply(pass.Tape, table, _kernel!, isStale: version != _filledVersion);
            _filledVersion = version;
        }
        return LinearOp.Of(pass.Tape, input, _kernel!, _bias);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["embedding"] = _embedding?.Name ?? _embeddingName;
        configuration["activation"] = Activation.Name;
        configuration["use_bias"] = UseBias;
        configuration["bias_initializer"] = BiasInitializer.Describe();
    }

    internal static TiedDense FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new TiedDense(settings.Activation("activation"), settings.Flag("use_bias"), settings.Initializer("bias_initializer"), null)
        {
            _embeddingName = settings.Text("embedding"),
        };
    }

    /// <inheritdoc/>
    internal override void Connect(IReadOnlyList<Layer> earlier)
    {
        foreach (Layer layer in earlier)
        {
            if (layer is not Embedding candidate || (_embedding is null ? candidate.Name != _embeddingName : candidate != _embedding)) continue;
            _embedding = candidate;
            return;
        }
        throw new ArgumentException($"{Title}: expected the Embedding '{_embedding?.Name ?? _embeddingName}' among the model's layers before it, found {string.Join(", ", earlier.Where(layer => layer != this).Select(layer => layer.Title).DefaultIfEmpty("none"))}. Add it to this model first.");
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        Embedding embedding = Connected();
        _kernel = new Parameter("kernel", new Shape(embedding.Units, embedding.Vocabulary), new PanelLayout(embedding.Units, 1, embedding.Vocabulary));
        if (UseBias) _bias = AddParameter(new Parameter("bias", new Shape(embedding.Vocabulary), new PanelLayout(1, 1, embedding.Vocabulary)).Filled(BiasInitializer, this, seed));
    }

    private Embedding Connected() => _embedding
        ?? throw new InvalidOperationException($"{Title}: it was read from a file and is in no model, so its Embedding '{_embeddingName}' is not known; add it to the model.");
}
