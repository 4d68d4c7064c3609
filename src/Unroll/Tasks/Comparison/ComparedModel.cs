using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>One kind of network of a comparison.</summary>
/// <param name="Name">Unique in its comparison: "lstm+zoneout".</param>
/// <param name="Layers">
/// Its layers for a size, at least 1, from [B, T, F] to [B, T, ·] where the task wants an answer at every step, else to [B, ·]. More
/// parameters for a larger size.
/// </param>
public sealed record ComparedModel(string Name, Func<int, ComparisonTask, IEnumerable<Layer>> Layers)
{
    private const float Share = 0.2f;
    private const int TransformerHeads = 4, TransformerLayers = 2, SizesOfAWidth = 32;

    /// <summary>Whether it reads what follows a step; left out where the task is causal. Default false.</summary>
    public bool ReadsAhead { get; init; }

    /// <summary>Whether it can only be had where there is an answer at every step. Default false.</summary>
    public bool NeedsEveryStep { get; init; }

    /// <summary>The share of embedded features that are dropped in training, each anew; 0 for none. A task of other inputs than tokens leaves the model out.</summary>
    public float EmbeddingDropout { get; init; }

    /// <summary>The share of words that are dropped in training; 0 for none. A task of other inputs than tokens leaves the model out.</summary>
    public float WordDropout { get; init; }

    /// <summary>
    /// SimpleRNN, GRU, LSTM, peephole LSTM, an LSTM with each regulariser, bidirectional LSTM, LSTM with attention, and a pre-norm Transformer of two
    /// layers with four heads. Regularisers have usual strengths: shares of 0.2, zoneout 0.1, penalties 1e-5 (L1) and 1e-4 (L2), AR 2 and TAR 1
    /// (Merity et al. 2017, arXiv 1708.02182), columns of both kernels of norm at most 1.
    /// </summary>
    public static IReadOnlyList<ComparedModel> Standard { get; } =
    [
        new("simple_rnn", (units, task) => [new SimpleRnn(units, returnSequences: task.EveryStep)]),
        new("gru", (units, task) => [new Gru(units, returnSequences: task.EveryStep)]),
        new("lstm", (units, task) => [new Lstm(units, task.EveryStep)]),
        new("peephole_lstm", (units, task) => [new PeepholeLstm(units, task.EveryStep)]),
        new("lstm+dropout", (units, task) => [new Lstm(units, task.EveryStep) { Dropout = Share }]),
        new("lstm+recurrent_dropout", (units, task) => [new Lstm(units, task.EveryStep) { RecurrentDropout = Share, RecurrentDropoutKind = RecurrentDropoutKind.Candidate }]),
        new("lstm+variational_dropout", (units, task) => [new Lstm(units, task.EveryStep) { RecurrentDropout = Share, RecurrentDropoutKind = RecurrentDropoutKind.Variational }]),
        new("lstm+zoneout", (units, task) => [new Lstm(units, task.EveryStep) { Zoneout = Share / 2 }]),
        new("lstm+weight_drop", (units, task) => [new Lstm(units, task.EveryStep) { WeightDrop = Share }]),
        new("lstm+embedding_dropout", (units, task) => [new Lstm(units, task.EveryStep)]) { EmbeddingDropout = Share },
        new("lstm+word_dropout", (units, task) => [new Lstm(units, task.EveryStep)]) { WordDropout = Share / 2 },
        new("lstm+l1", (units, task) => [new Lstm(units, task.EveryStep) { KernelRegularizer = Regularizer.L1(1e-5f), RecurrentRegularizer = Regularizer.L1(1e-5f) }]),
        new("lstm+l2", (units, task) => [new Lstm(units, task.EveryStep) { KernelRegularizer = Regularizer.L2(1e-4f), RecurrentRegularizer = Regularizer.L2(1e-4f) }]),
        new("lstm+activity", (units, task) => [new Lstm(units, task.EveryStep), task.EveryStep ? new TemporalActivityRegularization(activity: 2) : new ActivityRegularization(square: 0.01f)]),
        new("lstm+temporal_activity", (units, _) => [new Lstm(units, true), new TemporalActivityRegularization(change: 1)]) { NeedsEveryStep = true },
        new("lstm+max_norm", (units, task) => [new Lstm(units, task.EveryStep) { KernelConstraint = Constraint.MaxNorm(1), RecurrentConstraint = Constraint.MaxNorm(1) }]),
        new("bidirectional_lstm", (units, task) => [new Bidirectional(new Lstm(units, task.EveryStep))]) { ReadsAhead = true },
        new("lstm+attention", (units, task) => [new Lstm(units, true), task.EveryStep ? new Residual(new MultiHeadAttention(1, units) { Causal = task.Causal }) : Pooling(units)]),
        new("transformer", Transformer),
    ];

    /// <summary>Why the model cannot be had for a task; null where it can.</summary>
    public string? ObjectionTo(ComparisonTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (ReadsAhead && task.Causal) return "it would read what is to be guessed";
        if (NeedsEveryStep && !task.EveryStep) return "it needs an answer at every step";
        return (EmbeddingDropout > 0 || WordDropout > 0) && !task.ReadsTokens ? "it needs tokens" : null;
    }

    /// <summary>The embedding that a task of tokens puts before the network, with the network's noise.</summary>
    /// <param name="vocabulary">How many tokens there are.</param>
    /// <param name="units">The width of a token.</param>
    /// <param name="unknown">The token that stands for dropped words; null drops them as the layer does without one.</param>
    internal Embedding Embedding(int vocabulary, int units, int? unknown) =>
        new(vocabulary, units) { Dropout = EmbeddingDropout, WordDropout = WordDropout, UnknownIndex = WordDropout > 0 ? unknown : null };

    /// <summary>
    /// The width W is a multiple of the heads; between two of them the feed-forward part grows from 3 W to where the layers have the parameters of
    /// the next width, since 4 W² + 2 W (3 W + 40 + 80 / W) = 10 (W + 4)²: so that there is a size near to any number of parameters.
    /// </summary>
    private static IEnumerable<Layer> Transformer(int size, ComparisonTask task)
    {
        int width = TransformerHeads * (1 + (size - 1) / SizesOfAWidth);
        double share = (size - 1) % SizesOfAWidth / (double)SizesOfAWidth;
        int feedForward = 3 * width + (int)(share * (40 + 80.0 / width));
        yield return new Dense(width);
        yield return new PositionalEncoding();
        yield return new TransformerEncoder(TransformerLayers, TransformerHeads, feedForward) { Causal = task.Causal, NormFirst = true, Activation = Activation.Gelu, Dropout = 0.1f };
        if (!task.EveryStep) yield return Pooling(width);
    }

    private static SelfAttentionPooling Pooling(int width) => new((width + 1) / 2);
}
