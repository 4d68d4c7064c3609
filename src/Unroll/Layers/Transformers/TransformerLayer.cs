using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// What the layers of the Transformer (Vaswani et al. 2017, arXiv 1706.03762) have in common: parts around which the input is added, each with a layer
/// normalisation behind that sum (post-norm, as in the paper) or in front of the part (pre-norm), and a feed-forward part
/// f(x W + b) W′ + b′ on each step.
/// </summary>
public abstract class TransformerLayer : MultipleInputLayer
{
    private readonly float _dropout, _epsilon = LayerNormOp.DefaultEpsilon;
    private readonly float? _activationDropout;
    private LayerNormalization _norm = null!;
    private Dense _inner = null!, _outer = null!;

    private protected TransformerLayer(int heads, int feedForwardSize, string? name)
        : base(name)
    {
        if (heads < 1) throw new ArgumentOutOfRangeException(nameof(heads), $"{GetType().Name}: expected at least 1 head, received {heads}.");
        if (feedForwardSize < 1) throw new ArgumentOutOfRangeException(nameof(feedForwardSize), $"{GetType().Name}: expected a feed-forward part of at least 1 unit, received {feedForwardSize}.");
        (Heads, FeedForwardSize) = (heads, feedForwardSize);
    }

    /// <summary>A layer with the settings of one around it.</summary>
    private protected TransformerLayer(TransformerLayer around)
        : this(around.Heads, around.FeedForwardSize, null)
    {
        (NormFirst, Activation, Dropout, _activationDropout, Epsilon) = (around.NormFirst, around.Activation, around.Dropout, around._activationDropout, around.Epsilon);
        (RotaryBase, KernelInitializer) = (around.RotaryBase, around.KernelInitializer);
    }

    /// <summary>A layer with the settings that <see cref="WriteConfiguration"/> wrote.</summary>
    private protected TransformerLayer(in LayerSettings settings)
        : this(settings.WholeNumber("heads"), settings.WholeNumber("feed_forward_size"), null)
    {
        (NormFirst, Activation, Dropout) = (settings.Flag("norm_first"), settings.Activation("activation"), settings.Number("dropout"));
        _activationDropout = settings.OptionalNumber("activation_dropout");
        (Epsilon, RotaryBase, KernelInitializer) = (settings.Number("epsilon"), settings.OptionalNumber("rotary_base"), settings.Initializer("kernel_initializer"));
    }

    /// <summary>Heads of each attention; they divide the features.</summary>
    public int Heads { get; }

    /// <summary>Units between the two linear maps of the feed-forward part.</summary>
    public int FeedForwardSize { get; }

    /// <summary>Whether each part's input is normalised (pre-norm; Xiong et al. 2020, arXiv 2002.04745) instead of its sum with the input. Default false.</summary>
    public bool NormFirst { get; init; }

    /// <summary>f of the feed-forward part. Default relu.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>
    /// The share dropped in training, in [0, 1), where PyTorch's layers drop: of the attention weights, of each part's output before it is
    /// added, and of f's output. Default 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float Dropout { get => _dropout; init => _dropout = RateOf(value, nameof(Dropout)); }

    /// <summary>The share of f's output dropped in training, in [0, 1). Default <see cref="Dropout"/>, as in PyTorch; BERT drops nothing there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float ActivationDropout { get => _activationDropout ?? Dropout; init => _activationDropout = RateOf(value, nameof(ActivationDropout)); }

    /// <summary>ε of the layer normalisations, finite and above 0. Default 1e-5, as in PyTorch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0, or not finite.</exception>
    public float Epsilon
    {
        get => _epsilon;
        init => _epsilon = value > 0 && float.IsFinite(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(Epsilon), FormattableString.Invariant($"{GetType().Name}: expected a finite epsilon above 0, received {value}."));
    }

    /// <summary>The base of rotary positions in self-attention, 10,000 in the paper; see <see cref="MultiHeadAttention.RotaryBase"/>. Default null: none.</summary>
    public float? RotaryBase { get; init; }

    /// <summary>First values of all kernels; default <see cref="GlorotUniform"/>.</summary>
    public Initializer KernelInitializer { get; init; } = new GlorotUniform();

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["heads"] = Heads;
        configuration["feed_forward_size"] = FeedForwardSize;
        configuration["norm_first"] = NormFirst;
        configuration["activation"] = Activation.Name;
        configuration["dropout"] = Dropout;
        if (_activationDropout is { } activationDropout) configuration["activation_dropout"] = activationDropout;
        configuration["epsilon"] = Epsilon;
        if (RotaryBase is { } rotary) configuration["rotary_base"] = rotary;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
    }

    /// <summary>Refuses other inputs than one sequence that the heads divide.</summary>
    private protected Shape RequireOneSequence(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length != 1) throw new ArgumentException($"{Title}: expected one input, received {inputs.Length}.", nameof(inputs));
        RequireHeads(inputs[0]);
        return inputs[0];
    }

    private void RequireHeads(Shape input)
    {
        TimeAxis.RequireFeatures(this, input);
        if (input.Features % Heads != 0)
            throw new ArgumentException($"{Title}: expected features that {Heads} heads divide, received {input}. Put a Dense layer before it, or choose another number of heads.", nameof(input));
    }

    /// <summary>Refuses other inputs than a target sequence and what it listens to.</summary>
    private protected Shape RequireTargetAndMemory(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length != 2)
            throw new ArgumentException($"{Title}: expected two inputs, the target's steps and the encoder's output, received {inputs.Length}. For a decoder alone use a TransformerEncoder with Causal.", nameof(inputs));
        RequireHeads(inputs[0]);
        TimeAxis.RequireFeatures(this, inputs[1]);
        return inputs[0];
    }

    /// <summary>Builds an inner layer under this one's name and takes its parameters over.</summary>
    private protected TLayer Inner<TLayer>(TLayer layer, string name, ulong seed, params ReadOnlySpan<Shape> inputs) where TLayer : Layer
    {
        layer.Name = $"{Name}/{name}";
        if (layer is MultipleInputLayer multiple) multiple.Build(inputs, seed);
        else layer.Build(inputs[0], seed);
        AddParametersOf(layer, name);
        return layer;
    }

    private protected MultiHeadAttention Attention(string name, bool causal, float? rotaryBase, ulong seed, params ReadOnlySpan<Shape> inputs) =>
        Inner(new MultiHeadAttention(Heads, inputs[0].Features / Heads) { Causal = causal, Dropout = Dropout, RotaryBase = rotaryBase, KernelInitializer = KernelInitializer }, name, seed, inputs);

    private protected LayerNormalization Norm(string name, Shape input, ulong seed) => Inner(new LayerNormalization(Epsilon), name, seed, input);

    private protected void CreateFeedForward(Shape input, ulong seed)
    {
        _inner = Inner(new Dense(FeedForwardSize, Activation, kernelInitializer: KernelInitializer), "feed_forward_inner", seed, input);
        _outer = Inner(new Dense(input.Features, kernelInitializer: KernelInitializer), "feed_forward_outer", seed, _inner.OutputShape);
        _norm = Norm("feed_forward_norm", input, seed);
    }

    private protected Tensor FeedForward(Tensor x, Pass pass)
    {
        Tensor inner = Dropped(_inner.Forward(Before(x, _norm, pass), pass), ActivationDropout, "activation_dropout", pass);
        return After(x, _outer.Forward(inner, pass), _norm, "feed_forward_dropout", pass);
    }

    /// <summary>What a part reads.</summary>
    private protected Tensor Before(Tensor x, LayerNormalization norm, Pass pass) => NormFirst ? norm.Forward(x, pass) : x;

    /// <summary>A part's output with its input.</summary>
    private protected Tensor After(Tensor x, Tensor output, LayerNormalization norm, string dropout, Pass pass)
    {
        Tensor sum = AddOp.Of(pass.Tape, x, Dropped(output, Dropout, dropout, pass));
        return NormFirst ? sum : norm.Forward(sum, pass);
    }

    private Tensor Dropped(Tensor x, float rate, string stream, Pass pass) =>
        pass.Training && rate > 0 ? DropoutOp.Of(pass.Tape, x, rate, new RandomStream(pass.Seed, Name, pass.Step).Fork(stream)) : x;

    private float RateOf(float value, string name) => value is >= 0 and < 1 ? value
        : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"{GetType().Name}: expected a dropout rate in [0, 1), received {value}."));
}
