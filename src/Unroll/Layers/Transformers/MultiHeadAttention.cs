using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Multi-head attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2): queries, keys and values are linear maps of the inputs,
/// divided into heads of d and dv columns; each head gives softmax(Q Kᵀ / √d) V, and a linear map of all heads side by side is the output.
/// </summary>
/// <remarks>
/// Inputs as in Keras: <c>Of(query, value)</c> or <c>Of(query, value, key)</c>, query [B, Tq, F], value and key [B, Tk, …]; one input
/// alone attends to itself. Lengths are the masks: nothing is seen beyond a sequence's end.
/// </remarks>
public sealed class MultiHeadAttention : MultipleInputLayer
{
    internal const string KindName = "multi_head_attention";

    private readonly int? _valueSize, _outputSize;
    private readonly float _dropout;
    private readonly float? _rotaryBase;
    private Projection _query, _key, _value, _output;
    private SinusoidTable? _rotary;

    /// <summary>Attention of some heads.</summary>
    /// <param name="heads">At least 1, at most 65,536. Keras's <c>num_heads</c>.</param>
    /// <param name="headSize">d, columns of one head's queries and keys. At least 1. Keras's <c>key_dim</c>.</param>
    /// <param name="name">Unique in its model; null for "multi_head_attention" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    public MultiHeadAttention(int heads, int headSize, string? name = null)
        : base(name)
    {
        if (heads is < 1 or > AttentionDraws.MaximumHeads)
            throw new ArgumentOutOfRangeException(nameof(heads), $"MultiHeadAttention: expected 1 to {AttentionDraws.MaximumHeads} heads, received {heads}.");
        Heads = heads;
        HeadSize = Positive(headSize, nameof(headSize));
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>How many heads.</summary>
    public int Heads { get; }

    /// <summary>d, columns of one head's queries and keys.</summary>
    public int HeadSize { get; }

    /// <summary>dv, columns of one head's values. At least 1; default <see cref="HeadSize"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int ValueSize { get => _valueSize ?? HeadSize; init => _valueSize = Positive(value, nameof(ValueSize)); }

    /// <summary>The output's width. At least 1; null, the default, for that of the query.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? OutputSize { get => _outputSize; init => _outputSize = value is { } size ? Positive(size, nameof(OutputSize)) : null; }

    /// <summary>Whether the linear maps have biases. Default true.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary>Whether step i sees steps 0 to i alone. Default false.</summary>
    public bool Causal { get; init; }

    /// <summary>The share of weights dropped in training, in [0, 1). Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float Dropout
    {
        get => _dropout;
        init => _dropout = value is >= 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(Dropout), FormattableString.Invariant($"MultiHeadAttention: expected a dropout rate in [0, 1), received {value}."));
    }

    /// <summary>
    /// The base of rotary positions (Su et al. 2021, arXiv 2104.09864), by which queries and keys of each head are turned: 10,000 in the
    /// paper. Above 1; null, the default, for none. For one input alone, and an even <see cref="HeadSize"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 1, or not finite.</exception>
    /// <exception cref="ArgumentException">An odd head size.</exception>
    public float? RotaryBase
    {
        get => _rotaryBase;
        init
        {
            if (value is { } number && !(number > 1 && float.IsFinite(number)))
                throw new ArgumentOutOfRangeException(nameof(RotaryBase), FormattableString.Invariant($"MultiHeadAttention: expected a finite rotary base above 1, received {number}."));
            if (value is not null && HeadSize % 2 != 0)
                throw new ArgumentException($"MultiHeadAttention: expected an even head size for rotary positions, which turn pairs of columns, received {HeadSize}.", nameof(RotaryBase));
            _rotaryBase = value;
        }
    }

    /// <summary>
    /// Whether the weights are a second output, [B, heads, Tq, Tk]: before dropout, without a gradient, zero in the padding. They are
    /// taken with <c>OutputsOf</c>. Default false.
    /// </summary>
    public bool ReturnAttentionScores { get; init; }

    /// <summary>First values of the four kernels, each for itself; default <see cref="GlorotUniform"/>.</summary>
    public Initializer KernelInitializer { get; init; } = new GlorotUniform();

    /// <summary>First values of the biases; default <see cref="Zeros"/>.</summary>
    public Initializer BiasInitializer { get; init; } = new Zeros();

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length is < 1 or > 3)
            throw new ArgumentException($"{Title}: expected one input, or query, value and perhaps key, received {inputs.Length}.", nameof(inputs));
        if (RotaryBase is not null && inputs.Length > 1)
            throw new ArgumentException($"{Title}: expected one input where RotaryBase is set, for which positions of queries and keys are the same, received {inputs.Length}.", nameof(inputs));
        foreach (Shape input in inputs) TimeAxis.RequireFeatures(this, input);
        if (inputs.Length == 3 && !inputs[1].With(-1, inputs[2].Features).Accepts(inputs[2]))
            throw new ArgumentException($"{Title}: expected as many steps of key as of value, {inputs[1]}, received {inputs[2]}.", nameof(inputs));
        if (inputs.Length > 1 && !inputs[0].With(1, Shape.Unknown).With(2, Shape.Unknown).Accepts(inputs[1]))
            throw new ArgumentException($"{Title}: expected query and value of one batch, received {inputs[0]} and {inputs[1]}.", nameof(inputs));
        return inputs[0].With(-1, OutputSize ?? inputs[0].Features);
    }

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass) => Attend(inputs, pass, wantsScores: false, out _);

    /// <inheritdoc/>
    internal override Shape[] OutputShapesOf(ReadOnlySpan<Shape> inputs)
    {
        Shape output = OutputShapeOf(inputs);
        return ReturnAttentionScores ? [output, new Shape(inputs[0][0], Heads, inputs[0][1], inputs[Math.Min(1, inputs.Length - 1)][1])] : [output];
    }

    /// <inheritdoc/>
    internal override void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, Pass pass)
    {
        outputs[0] = Attend(inputs, pass, ReturnAttentionScores, out Tensor scores);
        if (ReturnAttentionScores) outputs[1] = scores;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["heads"] = Heads;
        configuration["head_size"] = HeadSize;
        if (_valueSize is { } valueSize) configuration["value_size"] = valueSize;
        if (OutputSize is { } outputSize) configuration["output_size"] = outputSize;
        configuration["use_bias"] = UseBias;
        configuration["causal"] = Causal;
        configuration["dropout"] = Dropout;
        if (RotaryBase is { } rotary) configuration["rotary_base"] = rotary;
        configuration["return_attention_scores"] = ReturnAttentionScores;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
        configuration["bias_initializer"] = BiasInitializer.Describe();
    }

    internal static MultiHeadAttention FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        int headSize = settings.WholeNumber("head_size");
        return new MultiHeadAttention(settings.WholeNumber("heads"), headSize)
        {
            ValueSize = settings.WholeNumberOrNone("value_size") ?? headSize,
            OutputSize = settings.WholeNumberOrNone("output_size"),
            UseBias = settings.Flag("use_bias"),
            Causal = settings.Flag("causal"),
            Dropout = settings.Number("dropout"),
            RotaryBase = settings.OptionalNumber("rotary_base"),
            ReturnAttentionScores = settings.Flag("return_attention_scores"),
            KernelInitializer = settings.Initializer("kernel_initializer"),
            BiasInitializer = settings.Initializer("bias_initializer"),
        };
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        int query = inputs[0].Features, value = inputs[Math.Min(1, inputs.Length - 1)].Features, key = inputs[^1].Features;
        _query = AddProjection("query", query, Heads * HeadSize, seed);
        _key = AddProjection("key", key, Heads * HeadSize, seed);
        _value = AddProjection("value", value, Heads * ValueSize, seed);
        _output = AddProjection("output", Heads * ValueSize, OutputSize ?? query, seed);
        if (RotaryBase is { } rotary) _rotary = new SinusoidTable(HeadSize, rotary, SinusoidOrder.Halves);
    }

    private Projection AddProjection(string name, int inputs, int outputs, ulong seed) => new(
        AddParameter(new Parameter($"{name}_kernel", new Shape(inputs, outputs), new PanelLayout(inputs, 1, outputs)).Filled(KernelInitializer, this, seed)),
        UseBias ? AddParameter(new Parameter($"{name}_bias", new Shape(outputs), new PanelLayout(1, 1, outputs)).Filled(BiasInitializer, this, seed)) : null);

    private Tensor Attend(ReadOnlySpan<Tensor> inputs, Pass pass, bool wantsScores, out Tensor scores)
    {
        EnsureBuilt(inputs, pass);
        Tape tape = pass.Tape;
        var settings = new AttentionSettings(Heads)
        {
            Causal = Causal,
            Offset = pass.FirstStep,
            Dropout = pass.Training ? Dropout : 0,
            Draws = new RandomStream(pass.Seed, Name, pass.Step).Fork("attention_dropout"),
        };
        scores = default;
        Tensor queries = Turned(_query.Of(tape, inputs[0]), pass);
        if (pass.Cache is { } cache) return _output.Of(tape, OverCache(inputs, queries, in settings, cache, pass));
        Tensor keys = Turned(_key.Of(tape, inputs[^1]), pass), values = _value.Of(tape, ValueOf(inputs));
        if (wantsScores) scores = ScaledDotProductAttentionOp.WeightsOf(tape, queries, keys, in settings);
        return _output.Of(tape, ScaledDotProductAttentionOp.Of(tape, queries, keys, values, in settings));
    }

    /// <summary>One input goes on step by step; of several the others are sequences that are kept whole in the first step.</summary>
    private Tensor OverCache(ReadOnlySpan<Tensor> inputs, Tensor queries, in AttentionSettings settings, KeyValueCache cache, Pass pass)
    {
        Tape tape = pass.Tape;
        if (inputs.Length > 1 && cache.TryGetFixed(this, out KeyValueMemory memory))
            return ScaledDotProductAttentionOp.StepOf(tape, queries, default, default, ValueSize, in settings, in memory);
        Tensor keys = Turned(_key.Of(tape, inputs[^1]), pass), values = _value.Of(tape, ValueOf(inputs));
        memory = inputs.Length == 1
            ? cache.Of(this, Heads, HeadSize, ValueSize, keys.Shape[1])
            : cache.NewFixed(this, Heads, HeadSize, ValueSize, keys.Lengths, keys.Shape[1]);
        return ScaledDotProductAttentionOp.StepOf(tape, queries, keys, values, ValueSize, in settings, in memory);
    }

    private Tensor Turned(Tensor x, Pass pass) => _rotary is null ? x : RotaryOp.Of(pass.Tape, x, Heads, _rotary, pass.FirstStep);

    private static Tensor ValueOf(ReadOnlySpan<Tensor> inputs) => inputs[Math.Min(1, inputs.Length - 1)];

    private static int Positive(int value, string name) => value >= 1 ? value
        : throw new ArgumentOutOfRangeException(name, $"MultiHeadAttention: expected at least 1, received {value}.");

    /// <summary>A linear map.</summary>
    private readonly struct Projection(Parameter kernel, Parameter? bias)
    {
        public Tensor Of(Tape tape, Tensor x) => LinearOp.Of(tape, x, kernel, bias);
    }
}
