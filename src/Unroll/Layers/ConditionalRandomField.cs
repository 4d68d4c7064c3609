using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Threading;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A linear-chain conditional random field (Lafferty et al. 2001) as a model's last layer: p(tags | x) = e^score / Σ e^score
/// over every path, where a path's score is Σ_t x_t(tag_t) + Σ_t transition(tag_t−1, tag_t) + start(tag_0) + end(tag_T−1).
/// Takes scores of the tags [B, T, K], as a <see cref="Dense"/> gives them, and answers with each tag's probability
/// given the whole sequence.
/// </summary>
/// <remarks>
/// Train with <c>Loss.ConditionalRandomField()</c>; <see cref="Decode"/> gives the best path (<c>model.PredictTags</c>
/// for a whole model). With tag names, answers and decoding keep to what the names allow:
/// <list type="bullet">
/// <item>BIO: I-x only after B-x or I-x.</item>
/// <item>BIOES, when a name begins with E- or S-: after B-x and I-x comes I-x or E-x, after all others O, B-x or S-x.</item>
/// </list>
/// </remarks>
public sealed class ConditionalRandomField : Layer
{
    internal const string KindName = "conditional_random_field";

    private readonly ChainConstraint? _allowed;
    private readonly Head _head;
    private Parameter? _transitions, _start, _end;

    /// <summary>A chain over K tags, any of which may follow any.</summary>
    /// <param name="tags">K, at least 1.</param>
    /// <param name="initializer">First values of all scores; default <see cref="Zeros"/>.</param>
    /// <param name="name">Unique in its model; null for "conditional_random_field" …</param>
    /// <exception cref="ArgumentOutOfRangeException">No tag.</exception>
    public ConditionalRandomField(int tags, Initializer? initializer = null, string? name = null)
        : base(name)
    {
        if (tags < 1) throw new ArgumentOutOfRangeException(nameof(tags), $"ConditionalRandomField: expected at least 1 tag, received {tags}.");
        Tags = tags;
        Initializer = initializer ?? new Zeros();
        _head = new Head(this);
    }

    /// <summary>A chain over tags whose names say which may follow which; tag k is the k-th name.</summary>
    /// <param name="tagNames">BIO or BIOES names such as "O", "B-PER", "I-PER"; all different.</param>
    /// <param name="constrainTraining">Whether the loss too sums over allowed paths alone; targets must keep to them then. Default false.</param>
    /// <param name="initializer">First values of all scores; default <see cref="Zeros"/>.</param>
    /// <param name="name">Unique in its model; null for "conditional_random_field" …</param>
    /// <exception cref="ArgumentException">No name, one twice, one of neither scheme, or one that no path can reach or leave.</exception>
    public ConditionalRandomField(IReadOnlyList<string> tagNames, bool constrainTraining = false, Initializer? initializer = null, string? name = null)
        : this(TagScheme.Checked(tagNames), initializer, name)
    {
        TagNames = [.. tagNames];
        ConstrainTraining = constrainTraining;
        _allowed = TagScheme.Constraint(tagNames);
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>K, how many tags there are.</summary>
    public int Tags { get; }

    /// <summary>The tags' names in order; empty where none were given.</summary>
    public IReadOnlyList<string> TagNames { get; } = [];

    /// <summary>Whether the loss sums over allowed paths alone.</summary>
    public bool ConstrainTraining { get; }

    /// <summary>First values of all scores.</summary>
    public Initializer Initializer { get; }

    /// <inheritdoc/>
    public override Activation? FinalActivation => _head;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank != 3 || input.Features != Tags)
            throw new ArgumentException($"{Title}: expected input [batch, time, {Tags}], a score for each tag, received {input}. Put a Dense({Tags}) before it, after a layer that returns sequences.", nameof(input));
        return input;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => _head.Apply(pass.Tape, ForwardBeforeActivation(input, pass));

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return OutputHeadOp.Of(pass.Tape, input, _head, pass.Training, default);
    }

    /// <summary>The best path of tags for each sequence (Viterbi 1967), allowed ones alone; of equal paths the one with lower last tags.</summary>
    /// <param name="scores">[B, T, K] as <see cref="ForwardBeforeActivation"/> gives them, possibly with lengths.</param>
    /// <returns>For each sequence the tags of its real steps.</returns>
    /// <exception cref="ArgumentException">Another shape, NaN, or a sequence too short for any allowed path.</exception>
    public unsafe int[][] Decode(Tensor scores)
    {
        if (!IsBuilt || !InputShape.Accepts(scores.Shape)) throw new ArgumentException($"{Title}: expected scores [batch, time, {Tags}] for a built layer, received {scores.Shape}.", nameof(scores));
        var room = new NativeBlock(ChainScores.Length(Tags));
        ChainScores chain = Scores(_allowed, room.Pointer);
        var sequences = new SequenceRows(scores.Layout, scores.Shape[0], scores.Shape[1]);
        var paths = new int[sequences.Batch][];
        for (int place = 0; place < paths.Length; place++)
        {
            int b = sequences.Sequence(place);
            var rows = new int[sequences.Length(b)];
            paths[b] = new int[rows.Length];
            for (int t = 0; t < rows.Length; t++)
            {
                rows[t] = sequences.Row(place, t);
                foreach (float score in scores.Storage.Slice(rows[t] * Tags, Tags))
                    if (float.IsNaN(score)) throw new ArgumentException($"{Title}: batch row {b}, step {t}: a score is NaN.", nameof(scores));
            }
            if (rows.Length > 0 && float.IsNegativeInfinity(ChainViterbi.Run(rows, scores.Buffer.Values, chain, Tags, paths[b])))
                throw new ArgumentException($"{Title}: batch row {b}: no path of {rows.Length} tags is allowed by the tags' names.", nameof(scores));
        }
        GC.KeepAlive(room);
        GC.KeepAlive(scores.Handle);
        return paths;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["tags"] = Tags;
        configuration["tag_names"] = new JsonArray([.. TagNames.Select(tag => (JsonNode)JsonValue.Create(tag))]);
        configuration["constrain_training"] = ConstrainTraining;
        configuration["initializer"] = Initializer.Describe();
    }

    internal static ConditionalRandomField FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        string[] names = settings.Texts("tag_names");
        return names.Length == 0
            ? new ConditionalRandomField(settings.WholeNumber("tags"), settings.Initializer("initializer"))
            : new ConditionalRandomField(names, settings.Flag("constrain_training"), settings.Initializer("initializer"));
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        _transitions = AddParameter(new Parameter("transitions", new Shape(Tags, Tags)).Filled(Initializer, this, seed));
        _start = AddParameter(new Parameter("start", new Shape(Tags)).Filled(Initializer, this, seed));
        _end = AddParameter(new Parameter("end", new Shape(Tags)).Filled(Initializer, this, seed));
    }

    private unsafe ChainScores Scores(ChainConstraint? allowed, float* room) =>
        new(_transitions!.Values, _start!.Values, _end!.Values, allowed, Tags, room);

    /// <summary>Marginal probabilities by the forward-backward sums, and the loss.</summary>
    private sealed unsafe class Head(ConditionalRandomField layer) : OutputHead(KindName)
    {
        public override int Classes => layer.Tags;

        internal override Tensor Apply(Tape tape, Tensor x)
        {
            Tensor y = tape.New(x.Shape, x.Layout);
            ChainScores scores = layer.Scores(layer._allowed, tape.Scratch(ChainScores.Length(layer.Tags)));
            var work = new ChainWork(tape, new SequenceRows(x.Layout, x.Shape[0], x.Shape[1]), tape.Read(x), scores, layer.Tags, x.Rows) { Marginals = tape.Read(y) };
            ThreadTeam.Run(work, work.Parts);
            return y;
        }

        public override Tensor Loss(Tape tape, Tensor features, int* labels, float* weights, double total)
        {
            ChainConstraint? allowed = layer.ConstrainTraining ? layer._allowed : null;
            Tensor losses = ChainLossOp.Of(tape, features, labels, layer._transitions!, layer._start!, layer._end!, allowed);
            return WeightedMeanOp.Of(tape, losses, SequenceWeights(tape, features, weights), total);
        }

        private float* SequenceWeights(Tape tape, Tensor features, float* weights)
        {
            var sequences = new SequenceRows(features.Layout, features.Shape[0], features.Shape[1]);
            float* own = tape.Scratch(sequences.Batch);
            for (int place = 0; place < sequences.Batch; place++)
            {
                int b = sequences.Sequence(place), length = sequences.Length(b);
                own[b] = length == 0 ? 0f : weights[sequences.Row(place, 0)];
                for (int t = 1; t < length; t++)
                    if (weights[sequences.Row(place, t)] != own[b])
                        throw new ArgumentException($"{layer.Title}: batch row {b}, step {t} has another weight, or no target, unlike step 0; a chain needs targets at every real step and one weight a sequence.", nameof(weights));
            }
            return own;
        }
    }
}
