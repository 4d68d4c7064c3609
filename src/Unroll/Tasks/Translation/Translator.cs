using Unroll.Data;
using Unroll.Decoding;
using Unroll.Inference;
using Unroll.Metrics.Sequences;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// Translates sentences with an attentive encoder–decoder that was trained on pairs of them:
/// <c>Translator.Train(ParallelText.FromFiles("train.de", "train.en"), validation).Translate("ein hund läuft .")</c>.
/// </summary>
public sealed partial class Translator
{
    /// <summary>Sentences decoded together.</summary>
    private const int Batch = 64;

    private readonly TranslationText _source, _target;

    private Translator(Model model, TranslationText source, TranslationText target, int maximumLength)
    {
        (Model, _source, _target, MaximumLength) = (model, source, target, maximumLength);
    }

    /// <summary>The network: from source and target tokens to logits.</summary>
    public Model Model { get; }

    /// <summary>What makes tokens of the source language.</summary>
    public Tokenizer SourceTokenizer => _source.Tokenizer;

    /// <summary>What makes tokens of the target language.</summary>
    public Tokenizer TargetTokenizer => _target.Tokenizer;

    /// <summary>Whether text is lowered.</summary>
    public bool LowerCase => _source.LowerCase;

    /// <summary>The most tokens of a sentence, its end included.</summary>
    public int MaximumLength { get; }

    /// <summary>How the training went, of a translator that was just trained.</summary>
    public History? History { get; private init; }

    /// <summary>The epoch of the weights; −1 in a translator that was loaded.</summary>
    public int BestEpoch { get; private init; } = -1;

    /// <summary>Translates a sentence.</summary>
    /// <inheritdoc cref="Translate(IReadOnlyList{string}, int, double, bool, IProgress{int}?, CancellationToken)"/>
    public Translation Translate(string text, int beam = 5, double lengthPenalty = 1, bool withAlignment = false) => Translate([text], beam, lengthPenalty, withAlignment)[0];

    /// <summary>Translates sentences; each one's translation does not depend on the others.</summary>
    /// <param name="texts">The sentences.</param>
    /// <param name="beam">How many translations of a sentence are followed at once; 1 takes the likeliest token at each step. At least 1; default 5.</param>
    /// <param name="lengthPenalty">As <see cref="BeamOptions.LengthPenalty"/>; default 1.</param>
    /// <param name="withAlignment">Whether the translations have their alignments.</param>
    /// <param name="progress">Told how many sentences are done.</param>
    /// <param name="cancellation">Looked at before each token.</param>
    /// <exception cref="ArgumentException">A sentence that is empty or longer than <see cref="MaximumLength"/>; the message has its place, from 1.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<Translation> Translate(
        IReadOnlyList<string> texts, int beam = 5, double lengthPenalty = 1, bool withAlignment = false, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(beam, 1);
        int[][] ids = [.. texts.Select(Source)];
        // Alike lengths together: a batch goes on until its last sentence has ended.
        int[] order = [.. Enumerable.Range(0, ids.Length).OrderByDescending(i => ids[i].Length)];
        var translations = new Translation[ids.Length];
        for (int first = 0; first < order.Length; first += Batch)
        {
            int[] part = order[first..Math.Min(first + Batch, order.Length)];
            Tensor sources = Tensor.FromTokens([.. part.Select(i => ids[i])]);
            int longest = Math.Min(MaximumLength, 2 * ids[part[0]].Length + 10);
            GeneratedSequence[] found = Search(new EncoderDecoderSession(Model, sources), beam, lengthPenalty, longest, cancellation);
            float[][]?[] weights = withAlignment ? Weights(sources, found) : new float[][]?[part.Length];
            for (int i = 0; i < part.Length; i++) translations[part[i]] = Made(ids[part[i]], found[i], weights[i]);
            progress?.Report(first + part.Length);
        }
        return translations;
    }

    /// <summary>Translates the sources and compares with the targets.</summary>
    /// <param name="text">Pairs, at least one, that training has not seen.</param>
    /// <param name="beam">As for <see cref="Translate(IReadOnlyList{string}, int, double, bool, IProgress{int}?, CancellationToken)"/>.</param>
    /// <param name="lengthPenalty">Likewise.</param>
    /// <param name="progress">Told how many sentences are done.</param>
    /// <param name="cancellation">Looked at before each token.</param>
    /// <exception cref="ArgumentException">No pair, or a source that cannot be translated.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public TranslationScore Evaluate(ParallelText text, int beam = 5, double lengthPenalty = 1, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Count == 0) throw new ArgumentException("Translator: expected at least one pair to compare with, received none.", nameof(text));
        IReadOnlyList<Translation> translations = Translate(text.Sources, beam, lengthPenalty, progress: progress, cancellation: cancellation);
        string[] references = [.. text.Targets.Select(target => LowerCase ? target.ToLowerInvariant() : target)], hypotheses = [.. translations.Select(one => one.Text)];
        Dataset pairs = TranslationText.Pairs(text, _source, _target, int.MaxValue, "test");
        double tokens = pairs.Targets.Lengths.ToArray().Sum(length => (double)length), words = text.Targets.Sum(target => 1.0 + target.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);
        double loss = Math.Log(PerplexityOf(pairs, cancellation));
        return new TranslationScore(Bleu.Of(hypotheses, references), Chrf.Of(hypotheses, references), Math.Exp(loss), Math.Exp(loss * tokens / words), translations);
    }

    private int[] Source(string text, int place)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new ArgumentException($"Translator: sentence {place + 1} is empty; leave it out.", nameof(text));
        int[] ids = _source.Source(text);
        return ids.Length <= MaximumLength ? ids
            : throw new ArgumentException($"Translator: sentence {place + 1} has {ids.Length} tokens; expected at most {MaximumLength}. Divide it, or train with a larger MaximumLength.", nameof(text));
    }

    private GeneratedSequence[] Search(EncoderDecoderSession session, int beam, double lengthPenalty, int longest, CancellationToken cancellation)
    {
        Vocabulary tokens = TargetTokenizer.Vocabulary;
        int begin = tokens.BeginningId!.Value, end = tokens.EndId!.Value;
        return beam == 1
            ? TokenGenerator.Run(session, new GenerationOptions { BeginToken = begin, EndToken = end, MaximumLength = longest }, cancellation: cancellation)
            : [.. BeamSearch.Run(session, new BeamOptions { BeginToken = begin, EndToken = end, MaximumLength = longest, Width = beam, LengthPenalty = lengthPenalty }, cancellation).Select(answers => answers[0])];
    }

    /// <summary>For each sentence and each token written, the end too, how much each source token was attended to: read once more, with the translation given.</summary>
    private float[][][] Weights(Tensor sources, GeneratedSequence[] found)
    {
        var session = new EncoderDecoderSession(Model, sources) { KeepsAttention = true };
        float[][][] weights = [.. found.Select(one => new float[one.LogProbabilities.Count][])];
        int[] live = [.. Enumerable.Range(0, found.Length)]; // the sentence of each row
        for (int t = 0; ; t++)
        {
            int[] kept = [.. Enumerable.Range(0, live.Length).Where(row => t < weights[live[row]].Length)];
            if (kept.Length == 0) return weights;
            session.Select(kept);
            live = [.. kept.Select(row => live[row])];
            session.Step([.. live.Select(i => t == 0 ? TargetTokenizer.Vocabulary.BeginningId!.Value : found[i].Tokens[t - 1])], new float[live.Length * session.VocabularySize]);
            for (int row = 0; row < live.Length; row++) weights[live[row]][t] = session.AttentionOf(row).ToArray();
        }
    }

    private Translation Made(int[] source, GeneratedSequence found, float[][]? weights)
    {
        int end = TargetTokenizer.Vocabulary.EndId!.Value;
        int[] written = found.Ended ? [.. found.Tokens, end] : [.. found.Tokens];
        float[,]? alignment = null;
        if (weights is not null)
        {
            alignment = new float[written.Length, source.Length];
            for (int t = 0; t < written.Length; t++)
                for (int s = 0; s < source.Length; s++) alignment[t, s] = weights[t][s];
        }
        return new Translation(_target.Text(found.Tokens), found.Score, found.Ended, _source.Shown(source), _target.Shown(written), alignment);
    }

    private double PerplexityOf(Dataset pairs, CancellationToken cancellation)
    {
        CompileSettings? before = Model.Compiled;
        try
        {
            Model.Compile(new Optimizers.Sgd(0), Losses.Loss.SparseCategoricalCrossEntropy());
            return Math.Exp(Model.Evaluate(pairs, Batch, cancellation: cancellation).Loss);
        }
        finally
        {
            Model.Compiled = before;
        }
    }
}
