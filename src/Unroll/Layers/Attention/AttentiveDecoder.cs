using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The half of an encoder–decoder network that writes (Luong et al. 2015, arXiv 1508.04025): from the tokens y₀ … y_{t−1} written so far
/// and the encoder's outputs it gives the logits of token y_t,
/// <code>
/// h_t = RNN(E y_{t−1}, h_{t−1})   c_t = attention(h_t, memory)   a_t = tanh(W [h_t; c_t] + b)   logits_t = V a_t + d
/// </code>
/// With <see cref="InputFeeding"/> the recurrence reads a_{t−1} beside the token. In a functional model
/// <c>decoder.Of([tokens, memory, ..states])</c>: tokens [B, T] that begin with the beginning token, the memory [B, Ts, M], and perhaps states
/// [B, S] with which it begins; the output is [B, T, V].
/// </summary>
/// <remarks>
/// Where all tokens are known the whole sequence is computed at once. With input feeding, attention that looks back at earlier weights, or
/// tokens of its own in training (<see cref="TeacherForcing"/>), it goes step by step: the same bits, and slower.
/// </remarks>
public sealed partial class AttentiveDecoder : MultipleInputLayer
{
    internal const string KindName = "attentive_decoder";

    private readonly SequenceLayer[] _recurrence;
    private readonly float _dropout, _coveragePenalty;
    private readonly int? _copySlots;
    private readonly int? _units;
    private Embedding? _embedding;
    private string _embeddingName = "";
    private bool _isShared;
    private Dense[] _bridges = [];
    private Dense? _combination, _gate;
    private Layer? _head;
    private int[] _stateCounts = [], _stateWidths = []; // tensors of each recurrent layer's state, and their widths

    /// <summary>A decoder around layers.</summary>
    /// <param name="embedding">Of the tokens; its vocabulary is the output's. A layer of the same model is shared; one that is in no model becomes part of this layer.</param>
    /// <param name="recurrence">One layer or several on one another, of whole sequences read forward; not built yet.</param>
    /// <param name="attention">How the memory is looked at; not built yet.</param>
    /// <param name="units">The width of a_t. Null for that of the last recurrent layer, or of the embedding where the head is tied to it.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">Layers that are built already, read backwards or give their last step alone.</exception>
    public AttentiveDecoder(Embedding embedding, IReadOnlyList<SequenceLayer> recurrence, AttentionLayer attention, int? units = null, string? name = null)
        : this(recurrence, attention, units, name)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        _embedding = embedding;
        Vocabulary = embedding.Vocabulary;
    }

    private AttentiveDecoder(IReadOnlyList<SequenceLayer> recurrence, AttentionLayer attention, int? units, string? name)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(recurrence);
        ArgumentNullException.ThrowIfNull(attention);
        if (recurrence.Count == 0) throw new ArgumentException("AttentiveDecoder: expected at least one recurrent layer, received none.", nameof(recurrence));
        if (units < 1) throw new ArgumentOutOfRangeException(nameof(units), $"AttentiveDecoder: expected at least 1 unit, received {units}.");
        _recurrence = [.. recurrence];
        foreach (SequenceLayer layer in _recurrence)
        {
            if (layer.IsBuilt) throw new ArgumentException($"AttentiveDecoder: {layer.Title} is built already; give a new layer.", nameof(recurrence));
            if (!layer.ReturnSequences || layer.GoBackwards) throw new ArgumentException($"AttentiveDecoder: expected layers that give every step and read forward; {layer.Title} has ReturnSequences {layer.ReturnSequences} and GoBackwards {layer.GoBackwards}.", nameof(recurrence));
        }
        if (attention.IsBuilt) throw new ArgumentException($"AttentiveDecoder: {attention.Title} is built already; give a new layer.", nameof(attention));
        Attention = attention;
        _units = units;
    }

    /// <summary>V: how many tokens there are.</summary>
    public int Vocabulary { get; private init; }

    /// <summary>The tokens' embedding; null in a layer from a file that is in no model yet.</summary>
    public Embedding? Embedding => _embedding;

    /// <summary>The recurrent layers, the first one reading the tokens.</summary>
    public IReadOnlyList<SequenceLayer> Recurrence => _recurrence;

    /// <summary>How the memory is looked at.</summary>
    public AttentionLayer Attention { get; }

    /// <summary>Whether a_{t−1} is read beside each token (Luong et al. 2015, section 3.3), so that what was attended to is known. Default false.</summary>
    public bool InputFeeding { get; init; }

    /// <summary>Whether V is the embedding's table (Press and Wolf 2017): the head then has a bias of its own alone. Default false.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Share of the embedded tokens, of what goes from layer to layer, and of a_t, that is dropped in training. In [0, 1); default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float Dropout
    {
        get => _dropout;
        init => _dropout = value is >= 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(Dropout), FormattableString.Invariant($"AttentiveDecoder: Dropout is {value}; expected a share in [0, 1)."));
    }

    /// <summary>What becomes of the states that are given. Default <see cref="StateBridge.Dense"/>. Without any it begins at zeros.</summary>
    public StateBridge Bridge { get; init; }

    /// <summary>
    /// How often the true token is read in training instead of the one that the decoder holds likeliest itself (scheduled sampling). Null, the
    /// default: always.
    /// </summary>
    public TeacherForcing? TeacherForcing { get; init; }

    /// <summary>
    /// Whether words of the source can be copied (See, Liu and Manning 2017, arXiv 1704.04368, section 2.2), and how many of them may be words
    /// that the vocabulary does not have: their ids, V and following, are slots that each source fills as it likes. The input behind
    /// the memory is then the source's words [B, Ts] in the target's ids, the output is [B, T, V + slots], the logarithm of the mixture of
    /// writing and copying, and the chance of writing is σ(wᵀ a_t + b). Null, the default: nothing is copied.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public int? CopySlots
    {
        get => _copySlots;
        init => _copySlots = value is null or >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(CopySlots), $"AttentiveDecoder: CopySlots is {value}; expected at least 0, or null for no copying.");
    }

    /// <summary>
    /// λ of the coverage loss (ibid., equations 12 and 13): λ Σ_j min(a_tj, c_tj) with c the sum of earlier weights, the mean over steps, is added
    /// to the training loss, against attending to the same places again. Finite, at least 0; default 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0, infinite or NaN.</exception>
    public float CoveragePenalty
    {
        get => _coveragePenalty;
        init => _coveragePenalty = value >= 0 && float.IsFinite(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(CoveragePenalty), FormattableString.Invariant($"AttentiveDecoder: CoveragePenalty is {value}; expected a finite number of at least 0."));
    }

    /// <summary>Whether the weights [B, T, Ts] are a second output, which <c>OutputsOf</c> gives. Default false.</summary>
    public bool ReturnAttentionScores { get; init; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>V and the slots: how many tokens can be written.</summary>
    internal int Outputs => Vocabulary + (CopySlots ?? 0);

    /// <summary>Which input is the first state.</summary>
    internal int FirstState => CopySlots is null ? 2 : 3;

    /// <summary>The width of a_t.</summary>
    internal int Units => _units ?? (TiedHead ? Connected().Units : _recurrence[^1].Units);

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length < FirstState) throw new ArgumentException($"{Title}: expected tokens [B, T], a memory [B, Ts, M]{(CopySlots is null ? "" : ", the source's words [B, Ts]")} and perhaps states [B, S], received {inputs.Length} {(inputs.Length == 1 ? "input" : "inputs")}. Apply it with Of(tokens, memory) in a functional model.", nameof(inputs));
        Shape tokens = inputs[0], memory = inputs[1];
        if (tokens.Rank != 2) throw new ArgumentException($"{Title}: expected tokens [batch, time] as input 0, received {tokens}.", nameof(inputs));
        if (memory.Rank != 3 || memory.Features == Shape.Unknown) throw new ArgumentException($"{Title}: expected a memory [batch, time, features] as input 1, every step of an encoder, received {memory}. Give the encoder's last layer ReturnSequences.", nameof(inputs));
        if (CopySlots is not null && inputs[2].Rank != 2) throw new ArgumentException($"{Title}: expected the source's words [batch, time], which can be copied, as input 2, received {inputs[2]}.", nameof(inputs));
        for (int i = FirstState; i < inputs.Length; i++)
            if (inputs[i].Rank != 2 || inputs[i].Features == Shape.Unknown) throw new ArgumentException($"{Title}: expected a state [batch, features] as input {i}, received {inputs[i]}.", nameof(inputs));
        return new Shape(tokens[0], tokens[1], Outputs);
    }

    internal override Shape[] OutputShapesOf(ReadOnlySpan<Shape> inputs)
    {
        Shape output = OutputShapeOf(inputs);
        return ReturnAttentionScores ? [output, new Shape(output[0], output[1], inputs[1][1])] : [output];
    }

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass) => Decode(inputs, pass, wantsWeights: false, out _);

    internal override void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, Pass pass)
    {
        outputs[0] = Decode(inputs, pass, ReturnAttentionScores, out Tensor weights);
        if (ReturnAttentionScores) outputs[1] = weights;
    }

    /// <inheritdoc/>
    internal override void Connect(IReadOnlyList<Layer> earlier)
    {
        foreach (Layer layer in earlier)
        {
            if (layer is not Embedding candidate || (_embedding is null ? candidate.Name != _embeddingName : candidate != _embedding)) continue;
            (_embedding, _isShared) = (candidate, true);
            return;
        }
        if (_embedding is null || _isShared) throw new ArgumentException($"{Title}: expected the Embedding '{_embedding?.Name ?? _embeddingName}' among the model's layers, found {string.Join(", ", earlier.Where(layer => layer != this).Select(layer => layer.Title).DefaultIfEmpty("none"))}. Add it to this model first.");
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["vocabulary"] = Vocabulary;
        configuration["embedding"] = _embedding is null || _isShared ? _embedding?.Name ?? _embeddingName : LayerDescription.Of(_embedding, "");
        configuration["recurrence"] = new JsonArray([.. _recurrence.Select(layer => LayerDescription.Of(layer, ""))]);
        configuration["attention"] = LayerDescription.Of(Attention, "");
        if (_units is { } units) configuration["units"] = units;
        if (InputFeeding) configuration["input_feeding"] = true;
        if (TiedHead) configuration["tied_head"] = true;
        if (Dropout > 0) configuration["dropout"] = Dropout;
        configuration["bridge"] = Bridge.ToString();
        if (TeacherForcing is { } forcing) configuration["teacher_forcing"] = forcing.Describe();
        if (CopySlots is { } slots) configuration["copy_slots"] = slots;
        if (CoveragePenalty > 0) configuration["coverage_penalty"] = CoveragePenalty;
        if (ReturnAttentionScores) configuration["return_attention_scores"] = true;
    }

    internal static AttentiveDecoder FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        string where = $"Layer kind '{KindName}': the setting ";
        if (configuration["recurrence"] is not JsonArray recurrence) throw new InvalidDataException($"{where}'recurrence' is not a list of layers.");
        SequenceLayer[] layers = [.. recurrence.Select(entry => LayerDescription.Read(entry, where + "'recurrence'") as SequenceLayer ?? throw new InvalidDataException($"{where}'recurrence' has a layer that is not recurrent."))];
        AttentionLayer attention = LayerDescription.Read(configuration["attention"], where + "'attention'") as AttentionLayer ?? throw new InvalidDataException($"{where}'attention' is no attention layer.");
        bool isOwn = configuration["embedding"] is JsonObject;
        return new AttentiveDecoder(layers, attention, settings.WholeNumberOrNone("units"), null)
        {
            Vocabulary = settings.WholeNumber("vocabulary"),
            _embedding = !isOwn ? null : LayerDescription.Read(configuration["embedding"], where + "'embedding'") as Embedding ?? throw new InvalidDataException($"{where}'embedding' is no embedding."),
            _embeddingName = isOwn ? "" : settings.Text("embedding"),
            InputFeeding = settings.FlagOrFalse("input_feeding"),
            TiedHead = settings.FlagOrFalse("tied_head"),
            Dropout = settings.OptionalNumber("dropout") ?? 0,
            Bridge = settings.Choice("bridge", StateBridge.Dense),
            TeacherForcing = configuration["teacher_forcing"] is { } forcing ? TeacherForcing.FromDescription(forcing) : null,
            CopySlots = settings.WholeNumberOrNone("copy_slots"),
            CoveragePenalty = settings.OptionalNumber("coverage_penalty") ?? 0,
            ReturnAttentionScores = settings.FlagOrFalse("return_attention_scores"),
        };
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        Embedding embedding = Connected();
        if (TiedHead && Units != embedding.Units)
            throw new ArgumentException($"{Title}: a head tied to {embedding.Title} needs a_t as wide as its rows, {embedding.Units}; found units {Units}. Leave units out, or choose that width for the embedding.");
        if (!_isShared) Part(embedding, "embedding", new Shape(Shape.Unknown, Shape.Unknown), seed);
        var read = new Shape(Shape.Unknown, Shape.Unknown, embedding.Units + (InputFeeding ? Units : 0));
        for (int i = 0; i < _recurrence.Length; i++)
        {
            Part(_recurrence[i], Numbered("recurrence", i), read, seed);
            read = read.With(2, _recurrence[i].Units);
        }
        CreateBridges(inputs[FirstState..], seed);
        Attention.Name = $"{Name}/attention";
        Attention.Build([read, inputs[1]], seed);
        AddParametersOf(Attention, "attention");
        Part(_combination = new Dense(Units, Activation.Tanh), "combination", read.With(2, read.Features + inputs[1].Features), seed);
        _head = TiedHead ? new TiedDense(embedding) : new Dense(Vocabulary);
        if (TiedHead) _head.Connect([embedding]);
        Part(_head, "head", read.With(2, Units), seed);
        if (CopySlots is null) return;
        if (CopySlots > 0 && embedding.UnknownIndex is null)
            throw new ArgumentException($"{Title}: copied words that the vocabulary does not have are read as unknown afterwards; give {embedding.Title} an UnknownIndex, or CopySlots 0.");
        Part(_gate = new Dense(1, Activation.Sigmoid), "gate", read.With(2, Units), seed);
    }

    private void CreateBridges(ReadOnlySpan<Shape> given, ulong seed)
    {
        Shape[][] each = [.. _recurrence.Select(layer => ((IStatefulLayer)layer).StateShapes(Shape.Unknown))];
        Shape[] states = [.. each.SelectMany(shapes => shapes)];
        (_stateCounts, _stateWidths) = ([.. each.Select(shapes => shapes.Length)], [.. states.Select(state => state.Features)]);
        if (states.Length > MostStates) throw new ArgumentException($"{Title}: expected a state of at most {MostStates} tensors, found {states.Length}; give fewer recurrent layers.");
        if (given.IsEmpty) return;
        if (Bridge == StateBridge.Copy)
        {
            bool fits = given.Length == states.Length;
            for (int i = 0; fits && i < states.Length; i++) fits = states[i].Features == given[i].Features;
            if (!fits) throw new ArgumentException($"{Title}: to copy the states it needs {string.Join(", ", states)}; received {string.Join(", ", given.ToArray())}. StateBridge.Dense takes any.");
            return;
        }
        int width = 0;
        foreach (Shape state in given) width += state.Features;
        _bridges = [.. states.Select(state => new Dense(state.Features, Activation.Tanh))];
        for (int i = 0; i < states.Length; i++) Part(_bridges[i], Numbered("bridge", i), new Shape(Shape.Unknown, width), seed);
    }

    private void Part(Layer layer, string name, Shape input, ulong seed)
    {
        layer.Name = $"{Name}/{name}";
        layer.Build(input, seed);
        AddParametersOf(layer, name);
    }

    private static string Numbered(string name, int i) => i == 0 ? name : $"{name}_{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    private Embedding Connected() => _embedding
        ?? throw new InvalidOperationException($"{Title}: it was read from a file and is in no model, so its Embedding '{_embeddingName}' is not known; add it to the model.");
}
