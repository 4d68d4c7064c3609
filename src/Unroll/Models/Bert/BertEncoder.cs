using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>
/// BERT's encoder (Devlin et al. 2019, arXiv 1810.04805) as a part of functional models: embeddings of tokens, places and segments, their sum
/// normalised, and a post-norm Transformer. <c>var bert = new BertEncoder(options); var model = bert.With([new Dense(2).Of(bert.Pooled)]);</c>
/// </summary>
/// <remarks>
/// Layers have the same names in every model made from one, so that <see cref="WeightTransfer"/> takes what was pre-trained over to another head.
/// Kernels and tables begin as a normal distribution of deviation 0.02, cut off at two deviations.
/// </remarks>
public sealed class BertEncoder
{
    internal const string WordsName = "word_embeddings", PositionsName = "position_embeddings", SegmentsName = "token_type_embeddings",
        EmbeddingNormName = "embedding_norm", EncoderName = "encoder", PoolerName = "pooler", TransformName = "masked_language_transform",
        TransformNormName = "masked_language_norm", MaskedLanguageName = "masked_language", NextSentenceName = "next_sentence",
        ClassifierName = "classifier", AnswerName = "answer_spans";

    private readonly Embedding _words;
    private readonly LayerOutput? _segments;

    /// <summary>An encoder of new layers.</summary>
    /// <param name="options">Its sizes.</param>
    /// <param name="withSegments">Whether models read segments too. Without, all tokens lie in segment 0.</param>
    /// <exception cref="ArgumentException">An option out of range.</exception>
    public BertEncoder(BertOptions options, bool withSegments = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Options = options;
        Ids = Input.Of(new Shape(Shape.Unknown, Shape.Unknown), "ids");
        if (withSegments) _segments = Input.Of(new Shape(Shape.Unknown, Shape.Unknown), "segments");
        _words = new Embedding(options.Vocabulary, options.HiddenUnits, initializer: Begin(), name: WordsName);
        LayerOutput x = new PositionEmbedding(options.MaximumPositions, Begin(), PositionsName).Of(_words.Of(Ids));
        var segmentRows = new SegmentEmbedding(options.Segments, Begin(), SegmentsName);
        x = _segments is null ? segmentRows.Of(x) : segmentRows.Of(x, _segments);
        x = new Dropout(options.Dropout, "embedding_dropout").Of(new LayerNormalization(options.Epsilon, EmbeddingNormName).Of(x));
        Sequence = new TransformerEncoder(options.Layers, options.Heads, options.IntermediateUnits, EncoderName)
        {
            Activation = options.Activation,
            Dropout = options.Dropout,
            ActivationDropout = 0,
            Epsilon = options.Epsilon,
            KernelInitializer = Begin(),
        }.Of(x);
        Pooled = new Dense(options.HiddenUnits, "tanh", kernelInitializer: Begin(), name: PoolerName).Of(new FirstStep("first").Of(Sequence));
    }

    /// <summary>The sizes.</summary>
    public BertOptions Options { get; }

    /// <summary>The input of token ids [B, T], [CLS] first.</summary>
    public LayerOutput Ids { get; }

    /// <summary>The inputs in their order: ids, and segments [B, T] where there are any.</summary>
    public IReadOnlyList<LayerOutput> Inputs => _segments is null ? [Ids] : [Ids, _segments];

    /// <summary>What was made of each token, [B, T, H].</summary>
    public LayerOutput Sequence { get; }

    /// <summary>tanh(h W + b) of [CLS]'s h, [B, H].</summary>
    public LayerOutput Pooled { get; }

    /// <summary>The model whose outputs are <see cref="Sequence"/> and <see cref="Pooled"/>.</summary>
    /// <param name="seed">From which the initial weights are drawn. Default 0.</param>
    public Model ToModel(ulong seed = 0) => new(Inputs, [Sequence, Pooled], seed, "bert");

    /// <summary>A model of this encoder and heads of one's own.</summary>
    /// <param name="outputs">Made from <see cref="Sequence"/> or <see cref="Pooled"/>.</param>
    /// <param name="seed">From which the initial weights are drawn. Default 0.</param>
    public Model With(IReadOnlyList<LayerOutput> outputs, ulong seed = 0) => new(Inputs, outputs, seed, "bert");

    /// <summary>
    /// The head of masked language modelling: logits [B, T, V] of each token, E · norm(gelu(h W + b)) + b′ with E the table of the tokens
    /// (section 3.1, and the authors' program).
    /// </summary>
    /// <param name="places">The places [B, P] of the tokens for which they are computed, as <see cref="SelectSteps"/> takes them: [B, P, V]; null for all.</param>
    public LayerOutput MaskedLanguage(LayerOutput? places = null)
    {
        LayerOutput guessed = places is null ? Sequence : new SelectSteps("masked_places").Of(Sequence, places);
        LayerOutput transformed = new Dense(Options.HiddenUnits, Options.Activation, kernelInitializer: Begin(), name: TransformName).Of(guessed);
        return new TiedDense(_words, name: MaskedLanguageName).Of(new LayerNormalization(Options.Epsilon, TransformNormName).Of(transformed));
    }

    /// <summary>The head of next-sentence prediction: logits [B, 2], class 0 where the second segment follows the first.</summary>
    public LayerOutput NextSentence() => Head(2, NextSentenceName).Of(Pooled);

    /// <summary>The head of classification: logits [B, classes] of <see cref="Pooled"/>, with dropout.</summary>
    /// <param name="classes">How many. At least 1.</param>
    public LayerOutput Classification(int classes) => Head(classes, ClassifierName).Of(new Dropout(Options.Dropout, ClassifierName + "_dropout").Of(Pooled));

    /// <summary>The head of tagging: logits [B, T, tags] of each token, with dropout.</summary>
    /// <param name="tags">How many. At least 1.</param>
    public LayerOutput Tagging(int tags) => Head(tags, ClassifierName).Of(new Dropout(Options.Dropout, ClassifierName + "_dropout").Of(Sequence));

    /// <summary>The head of question answering: logits [B, T] of which token an answer starts with, and of which it ends with (section 4.2).</summary>
    public (LayerOutput Start, LayerOutput End) AnswerSpans()
    {
        LayerOutput scores = Head(2, AnswerName).Of(Sequence);
        return (new StepScores(0, "answer_start").Of(scores), new StepScores(1, "answer_end").Of(scores));
    }

    /// <summary>A linear map that begins as the encoder's.</summary>
    private static Dense Head(int units, string name) => new(units, kernelInitializer: Begin(), name: name);

    private static TruncatedNormal Begin() => new(0, 0.02);
}
