using System.Buffers;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A trained row of numbers for every id: ids [B, T], whole numbers from 0 to V − 1 held as floats, become [B, T, U].
/// </summary>
/// <remarks>
/// With a padding index and ids without lengths, the padding ids at a sequence's end become its length, as Keras's
/// <c>mask_zero</c> would have it; padding ids elsewhere stay steps of the sequence. The padding row starts at zero and
/// is not trained, as in PyTorch. Without a padding index every step counts.
/// </remarks>
public sealed unsafe class Embedding : Layer
{
    internal const string KindName = "embedding";

    /// <summary>Above this a float no longer tells neighbouring ids apart.</summary>
    private const int LargestVocabulary = 1 << 24;

    private readonly float _dropout, _wordDropout;
    private readonly int? _unknownIndex;
    private Parameter? _table;

    /// <summary>An embedding of <paramref name="vocabulary"/> ids into <paramref name="units"/> numbers each.</summary>
    /// <param name="vocabulary">V, how many ids there are. From 1 to 16,777,216.</param>
    /// <param name="units">U, numbers for each id. At least 1.</param>
    /// <param name="paddingIndex">The id that fills sequences up, or null for none.</param>
    /// <param name="initializer">First values; default <see cref="RandomUniform"/> within ±0.05.</param>
    /// <param name="name">Unique in its model; null for "embedding", "embedding_1" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A size outside its range, or a padding index outside the vocabulary.</exception>
    public Embedding(int vocabulary, int units, int? paddingIndex = null, Initializer? initializer = null, string? name = null)
        : base(name)
    {
        if (vocabulary is < 1 or > LargestVocabulary)
            throw new ArgumentOutOfRangeException(nameof(vocabulary), $"Embedding: expected a vocabulary of 1 to {LargestVocabulary} ids, received {vocabulary}.");
        if (units < 1) throw new ArgumentOutOfRangeException(nameof(units), $"Embedding: expected at least 1 unit, received {units}.");
        if (paddingIndex is { } index && (index < 0 || index >= vocabulary))
            throw new ArgumentOutOfRangeException(nameof(paddingIndex), $"Embedding: expected a padding index from 0 to {vocabulary - 1}, received {index}.");
        Vocabulary = vocabulary;
        Units = units;
        PaddingIndex = paddingIndex;
        Initializer = initializer ?? new RandomUniform();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>V, how many ids there are.</summary>
    public int Vocabulary { get; }

    /// <summary>U, numbers for each id.</summary>
    public int Units { get; }

    /// <summary>The id that fills sequences up, or null.</summary>
    public int? PaddingIndex { get; }

    /// <summary>First values.</summary>
    public Initializer Initializer { get; }

    /// <summary>What the table costs in training, or null.</summary>
    public Regularizer? Regularizer { get; init; }

    /// <summary>Where the table must lie, norms being those of its rows; or null.</summary>
    public Constraint? Constraint { get; init; }

    /// <summary>
    /// Share of the ids whose row is zero in a training pass, wherever they come in the batch, the other rows being divided
    /// by 1 − rate (Gal and Ghahramani 2016, arXiv 1512.05287). In [0, 1); default 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float Dropout { get => _dropout; init => _dropout = ShareOf(value, nameof(Dropout)); }

    /// <summary>
    /// Share of the steps that read <see cref="UnknownIndex"/> in training instead of their id, drawn for each step; padding
    /// stays padding. In [0, 1); default 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float WordDropout { get => _wordDropout; init => _wordDropout = ShareOf(value, nameof(WordDropout)); }

    /// <summary>The id of unknown words, which <see cref="WordDropout"/> puts in; from 0 to V − 1. Null, the default, for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the vocabulary.</exception>
    public int? UnknownIndex
    {
        get => _unknownIndex;
        init => _unknownIndex = value is null || (value >= 0 && value < Vocabulary)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(UnknownIndex), $"Embedding: expected an unknown index from 0 to {Vocabulary - 1}, received {value}.");
    }

    /// <summary>The table [V, U], row-major; null before the layer is built.</summary>
    internal Parameter? Table => _table;

    /// <inheritdoc/>
    public override Shape? KnownInputShape => new Shape(Shape.Unknown, Shape.Unknown);

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank != 2) throw new ArgumentException($"{Title}: expected ids [batch, time], received {input}.", nameof(input));
        return new Shape(input[0], input[1], Units);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        if (!IsBuilt && input.Shape.Rank == 2) Build(new Shape(Shape.Unknown, Shape.Unknown), pass.Seed);
        EnsureBuilt(input, pass);
        Tensor ids = PaddingIndex is { } padding && input.Layout is null ? WithoutPadding(pass.Tape, input, padding) : input;
        if (!pass.Training) return EmbeddingOp.Of(pass.Tape, ids, _table!, PaddingIndex);
        var stream = new RandomStream(pass.Seed, Name, pass.Step);
        if (WordDropout > 0) ids = WordDropoutOp.Of(pass.Tape, ids, WordDropout, UnknownIndex!.Value, PaddingIndex, stream.Fork("word_dropout"));
        Tensor rows = EmbeddingOp.Of(pass.Tape, ids, _table!, PaddingIndex);
        return Dropout > 0 ? ScaleRowsOp.Of(pass.Tape, rows, KeptRows(pass.Tape, ids, stream.Fork("dropout"))) : rows;
    }

    /// <summary>For each step 0 where its id is dropped, else 1 / (1 − rate).</summary>
    private float* KeptRows(Tape tape, Tensor ids, RandomStream stream)
    {
        float* id = tape.Read(ids), factors = tape.Scratch(ids.StoredLength);
        float kept = 1f / (1f - Dropout);
        for (int n = 0; n < ids.StoredLength; n++) factors[n] = stream.Uniform((long)id[n]) < Dropout ? 0 : kept;
        return factors;
    }

    private static float ShareOf(float value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"Embedding: {name} is {value}; expected a share in [0, 1)."));

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["vocabulary"] = Vocabulary;
        configuration["units"] = Units;
        configuration["padding_index"] = PaddingIndex;
        configuration["initializer"] = Initializer.Describe();
        if (Dropout > 0) configuration["dropout"] = Dropout;
        if (WordDropout > 0) configuration["word_dropout"] = WordDropout;
        if (UnknownIndex is { } unknown) configuration["unknown_index"] = unknown;
        ParameterRules.Write(configuration, "regularizer", Regularizer);
        ParameterRules.Write(configuration, "constraint", Constraint);
    }

    internal static Embedding FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new Embedding(
            settings.WholeNumber("vocabulary"), settings.WholeNumber("units"),
            settings.OptionalWholeNumber("padding_index"), settings.Initializer("initializer"))
        {
            Dropout = settings.OptionalNumber("dropout") ?? 0,
            WordDropout = settings.OptionalNumber("word_dropout") ?? 0,
            UnknownIndex = settings.WholeNumberOrNone("unknown_index"),
            Regularizer = settings.Regularizer("regularizer"),
            Constraint = settings.Constraint("constraint"),
        };
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        if (WordDropout > 0 && UnknownIndex is null) throw new ArgumentException($"{Title}: WordDropout needs an UnknownIndex, the id that it puts in; give one.");
        _table = AddParameter(new Parameter("embeddings", new Shape(Vocabulary, Units)).Filled(Initializer, this, seed));
        if (PaddingIndex is { } padding) _table.ValueSpan.Slice(padding * Units, Units).Clear();
        _table.Ruled(Regularizer, Constraint, this, PaddingIndex);
    }

    /// <summary>The ids with the run of padding at each row's end taken as missing.</summary>
    private static Tensor WithoutPadding(Tape tape, Tensor ids, int padding)
    {
        int batch = ids.Shape[0], steps = ids.Shape[1];
        int[] lengths = ArrayPool<int>.Shared.Rent(batch);
        ReadOnlySpan<float> id = ids.Storage;
        for (int b = 0; b < batch; b++)
        {
            int length = steps;
            while (length > 0 && id[b * steps + length - 1] == padding) length--;
            lengths[b] = length;
        }
        SequenceLayout layout = tape.NewLayout();
        layout.Set(lengths.AsSpan(0, batch), steps);
        ArrayPool<int>.Shared.Return(lengths);
        return PackOp.Of(tape, ids, layout);
    }
}
