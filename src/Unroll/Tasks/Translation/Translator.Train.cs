using Unroll.Data;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Tasks;

public sealed partial class Translator
{
    /// <summary>Learns to translate.</summary>
    /// <param name="train">Pairs of sentences; those longer than the limit are left out.</param>
    /// <param name="validation">Pairs that choose the epoch; nothing is learnt from them.</param>
    /// <param name="options">How it is made and trained; null for the defaults.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="checkpoint">Where to write what is needed to go on after being killed.</param>
    /// <param name="resume">Whether to go on from the checkpoint where there is one; to the same bits as if never stopped.</param>
    /// <param name="callbacks">What watches the training.</param>
    /// <param name="cancellation">Looked at after every step; the checkpoint is written before the exception.</param>
    /// <exception cref="ArgumentException">An option out of range, or no pair that is short enough.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was NaN or infinite.</exception>
    public static Translator Train(ParallelText train, ParallelText validation, TranslationOptions? options = null, IProgress<TrainingProgress>? progress = null,
        CheckpointOptions? checkpoint = null, bool resume = false, IReadOnlyList<Callback>? callbacks = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        options ??= new TranslationOptions();
        options.Check();
        TranslationText source = Learnt(train.Sources, options, cancellation), target = Learnt(train.Targets, options, cancellation);
        Dataset training = TranslationText.Pairs(train, source, target, options.MaximumLength, "training");
        Dataset validating = TranslationText.Pairs(validation, source, target, options.MaximumLength, "validation");

        Model model = TranslationNetwork.Make(source.Tokenizer.Vocabulary.Count, target.Tokenizer.Vocabulary.Count, options);
        long steps = (long)options.Epochs * ((training.Count + options.BatchSize - 1) / options.BatchSize);
        model.Compile(new Adam(options.LearningRate) { Schedule = new HalfConstant(options.LearningRate, steps) }, Loss.SparseCategoricalCrossEntropy(labelSmoothing: options.LabelSmoothing));
        var best = new BestWeights(validating, options.BatchSize, options.Patience);
        History history = model.Fit(training, options.Epochs, options.BatchSize, validating, seed: options.Seed,
            callbacks: [best, new TerminateOnNaN(), .. callbacks ?? []], options: new FitOptions { GlobalClipNorm = 1, Grouping = LengthGrouping.SortWithinWindows },
            progress: progress, checkpoint: checkpoint, resume: resume, cancellation: cancellation);
        return new Translator(model, source, target, options.MaximumLength) { History = history, BestEpoch = best.BestEpoch };
    }

    private static TranslationText Learnt(IReadOnlyList<string> texts, TranslationOptions options, CancellationToken cancellation) =>
        new(BytePairTokenizer.Train(texts.Select(text => TranslationText.Prepared(text, options.LowerCase)), options.Merges, cancellation: cancellation), options.LowerCase);

    /// <summary>A constant rate for half of the steps, then a cosine to zero.</summary>
    private sealed class HalfConstant(float rate, long steps) : LearningRateSchedule
    {
        private readonly CosineDecay _decay = new(rate, Math.Max(1, steps - steps / 2));

        public override float At(long step) => step < steps / 2 ? rate : _decay.At(step - steps / 2);
    }
}
