using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// Pre-trains BERT on text without labels (Devlin et al. 2019, arXiv 1810.04805, section 3.1): words that are hidden are guessed, and whether a sentence
/// follows another. <see cref="WeightTransfer"/> takes the weights over to a model with another head.
/// </summary>
/// <remarks>An example is a sentence, or with next-sentence prediction two, cut to <see cref="BertOptions.MaximumPositions"/>.</remarks>
public static class BertPretraining
{
    /// <summary>Learns from documents.</summary>
    /// <param name="documents">Each a list of sentences. With next-sentence prediction at least two documents, one of them with two sentences.</param>
    /// <param name="tokenizer">With BERT's special tokens; its vocabulary has as many tokens as the options say. The model keeps it.</param>
    /// <param name="options">The encoder's sizes.</param>
    /// <param name="training">How it is trained; null for the defaults.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="checkpoint">Where to write what is needed to go on after being killed.</param>
    /// <param name="resume">Whether to go on from the checkpoint where there is one; to the same bits as if never stopped.</param>
    /// <param name="cancellation">Looked at after every step; the checkpoint is written before the exception.</param>
    /// <returns>The model with its heads, which guess every token, and the loss of each epoch.</returns>
    /// <exception cref="ArgumentException">An option out of range, a vocabulary of another size, or too few documents.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static (Model Model, IReadOnlyList<EpochResult> Epochs) Pretrain(IReadOnlyList<IReadOnlyList<string>> documents, WordPieceTokenizer tokenizer, BertOptions options,
        BertPretrainingOptions? training = null, IProgress<TrainingProgress>? progress = null, CheckpointOptions? checkpoint = null, bool resume = false,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        training ??= new BertPretrainingOptions();
        training.Check();
        if (tokenizer.Vocabulary.Count != options.Vocabulary)
            throw new ArgumentException($"BertPretraining: expected a vocabulary of {options.Vocabulary} tokens, as BertOptions.Vocabulary says, received one of {tokenizer.Vocabulary.Count}.", nameof(tokenizer));
        (int Document, int Sentence)[] places = Places(documents, training.NextSentence);
        var masking = new WholeWordMasking(tokenizer.Vocabulary, training.Seed, training.MaskedShare);

        // The head is much of the work, and most tokens are not guessed: it is computed where they are.
        var bert = new BertEncoder(options);
        LayerOutput guessed = Input.Of(new Shape(Shape.Unknown, Shape.Unknown), "places");
        var learner = new Model([.. bert.Inputs, guessed], Heads(bert, guessed), training.Seed, "bert");
        long steps = (long)training.Epochs * ((places.Length + training.BatchSize - 1) / training.BatchSize);
        OutputSettings[] outputs = [.. learner.OutputNames.Select(_ => new OutputSettings(Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy(fromLogits: true)))];
        learner.Compile(new AdamW(training.LearningRate, training.WeightDecay) { Schedule = new RiseAndFall(training.LearningRate, steps) }, outputs);
        var results = new List<EpochResult>();
        while (results.Count < training.Epochs)
        {
            int epoch = results.Count;
            Dataset examples = Examples(documents, places, tokenizer, options, training, masking, epoch);
            History history = learner.Fit(examples, epoch + 1, training.BatchSize, seed: training.Seed, options: new FitOptions { GlobalClipNorm = 1, InitialEpoch = epoch },
                progress: progress is null ? null : new ProgressOfAll(progress, training.Epochs), checkpoint: checkpoint, resume: resume || (epoch > 0 && checkpoint is not null), cancellation: cancellation);
            results.AddRange(history.Epochs.Where(result => result.Epoch > epoch)); // a checkpoint may know of epochs before and behind
        }
        var whole = new BertEncoder(options);
        Model model = whole.With(Heads(whole, null), training.Seed);
        WeightTransfer.Run(learner, model);
        model.Tokenizer = tokenizer;
        return (model, results);

        LayerOutput[] Heads(BertEncoder encoder, LayerOutput? where) =>
            training.NextSentence ? [encoder.MaskedLanguage(where), encoder.NextSentence()] : [encoder.MaskedLanguage(where)];
    }

    private static (int Document, int Sentence)[] Places(IReadOnlyList<IReadOnlyList<string>> documents, bool nextSentence)
    {
        var places = new List<(int Document, int Sentence)>();
        for (int d = 0; d < documents.Count; d++)
            for (int s = 0; s < documents[d].Count - (nextSentence ? 1 : 0); s++) places.Add((d, s));
        if (places.Count > 0 && !(nextSentence && documents.Count(document => document.Count > 0) < 2)) return [.. places];
        string expected = nextSentence ? "two documents with sentences, one of them with two" : "a sentence";
        int sentences = documents.Sum(document => document.Count);
        throw new ArgumentException($"BertPretraining: expected {expected}, received {documents.Count} documents of {sentences} sentences in all.", nameof(documents));
    }

    private static Dataset Examples(IReadOnlyList<IReadOnlyList<string>> documents, (int Document, int Sentence)[] places, WordPieceTokenizer tokenizer, BertOptions options,
        BertPretrainingOptions training, WholeWordMasking masking, int epoch)
    {
        RandomStream pairs = new(training.Seed, "next_sentence", epoch);
        RandomStream follows = pairs.Fork("follows"), others = pairs.Fork("document"), sentences = pairs.Fork("sentence");
        int[] filled = [.. Enumerable.Range(0, documents.Count).Where(d => documents[d].Count > 0)];
        var inputs = new BertInput[places.Length];
        int[][] guessed = new int[places.Length][], guesses = new int[places.Length][];
        var classes = new float[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            (int document, int sentence) = places[i];
            string? second = null;
            if (training.NextSentence)
            {
                classes[i] = follows.Uniform(i) < 0.5f ? 0 : 1;
                if (classes[i] == 0)
                {
                    second = documents[document][sentence + 1];
                }
                else
                {
                    int other = others.Below(filled.Length - 1, i);
                    IReadOnlyList<string> from = documents[filled[other] >= document ? filled[other + 1] : filled[other]];
                    second = from[sentences.Below(from.Count, i)];
                }
            }
            BertInput whole = BertInput.Of(tokenizer, documents[document][sentence], second, options.MaximumPositions);
            (int[] ids, int[] hidden) = masking.Of(whole.Ids, epoch, i);
            inputs[i] = whole with { Ids = ids };
            guessed[i] = [.. Enumerable.Range(0, hidden.Length).Where(place => hidden[place] != WholeWordMasking.Ignored)];
            guesses[i] = [.. guessed[i].Select(place => hidden[place])];
        }
        Tensor targets = Tensor.FromTokens(guesses);
        return new Dataset([.. BertInput.Batch(inputs), Tensor.FromTokens(guessed)], training.NextSentence ? [targets, Tensor.FromArray(classes, classes.Length)] : [targets]);
    }

    /// <summary>A linear rise over a tenth of the steps, then a linear fall to zero.</summary>
    private sealed class RiseAndFall(float top, long steps) : LearningRateSchedule
    {
        private readonly long _rise = Math.Max(1, steps / 10);

        public override float At(long step) =>
            (float)(top * (step < _rise ? (step + 1.0) / _rise : Math.Max(0, steps - step) / (double)Math.Max(1, steps - _rise)));
    }

    /// <summary>Tells of all epochs, where each is trained by itself.</summary>
    private sealed class ProgressOfAll(IProgress<TrainingProgress> progress, int epochs) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(value with { Epochs = epochs });
    }
}
