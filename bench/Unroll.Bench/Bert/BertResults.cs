using System.Globalization;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tasks;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Bench.Bert;

/// <summary>
/// A small BERT on TREC's questions, from scratch and pre-trained on IMDB's reviews: docs/results.md, section BERT: what pre-training gives. A tenth of the
/// training questions, drawn once, chooses the learning rate (with the first seed) and the epoch; the test questions are read once, at the end.
/// </summary>
internal static class BertResults
{
    private const int VocabularySize = 8000, Epochs = 12, BatchSize = 32, Validated = 545;
    private const ulong PretrainingSeed = 1;

    private static readonly float[] s_rates = [1e-4f, 3e-4f, 1e-3f, 3e-3f];

    private static readonly BertOptions s_options = new() { Vocabulary = VocabularySize, HiddenUnits = 128, Layers = 2, Heads = 2, IntermediateUnits = 512, MaximumPositions = 64 };

    private static readonly BertPretrainingOptions s_pretraining = new() { NextSentence = false, LearningRate = 1e-3f, Epochs = 5, BatchSize = 64, Seed = PretrainingSeed };

    public static void Run(BenchArguments arguments)
    {
        IReadOnlyList<string>[] reviews = ReviewSentences.Read(Path.Combine(arguments.Data, "imdb", "imdb_train.tsv.gz"));
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Train(reviews.SelectMany(review => review), VocabularySize);
        Model pretrained = Pretrain(reviews, tokenizer, arguments);

        (string Text, int Class)[] questions = QuestionData.Read(Path.Combine(arguments.Data, "trec", "TREC.train.all"));
        new RandomStream(PretrainingSeed, "validation").Shuffle(questions.AsSpan());
        Dataset validation = Encoded(questions[..Validated]), train = Encoded(questions[Validated..]);
        int[] seeds = [.. arguments.SeedNumbers];
        Console.WriteLine($"| begins | {string.Join(" | ", s_rates.Select(rate => string.Create(CultureInfo.InvariantCulture, $"rate {rate}")))} |\n|---|{string.Concat(s_rates.Select(_ => "---|"))}");
        FineTuned[] scratch = Series("from scratch", null), transferred = Series("pre-trained", pretrained);

        Dataset test = Encoded(QuestionData.Read(Path.Combine(arguments.Data, "trec", "TREC.test.all")));
        Console.WriteLine("\n| seed | from scratch: epoch | validation | test | pre-trained: epoch | validation | test | gain |\n|---|---|---|---|---|---|---|---|");
        double[] gains = [.. scratch.Zip(transferred, (without, with) =>
        {
            double before = 100 * without.Model.Evaluate(test)["accuracy"], after = 100 * with.Model.Evaluate(test)["accuracy"];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {without.Seed} | {without.Epoch} | {100 * without.Validation:0.0} | {before:0.0} | {with.Epoch} | {100 * with.Validation:0.0} | {after:0.0} | {after - before:0.0} |"));
            return after - before;
        })];
        double mean = gains.Average(), deviation = Math.Sqrt(gains.Sum(gain => (gain - mean) * (gain - mean)) / Math.Max(1, gains.Length - 1));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nMean gain {mean:0.00}, standard deviation {deviation:0.00}."));

        Dataset Encoded(IReadOnlyList<(string Text, int Class)> some) => QuestionData.Encoded(some, tokenizer, s_options.MaximumPositions);

        // Every seed at the rate that was the best with the first one.
        FineTuned[] Series(string name, Model? from)
        {
            FineTuned[] first = [.. s_rates.Select(rate => FineTune(name, from, rate, seeds[0], train, validation))];
            Console.WriteLine($"| {name} | {string.Join(" | ", first.Select(one => (100 * one.Validation).ToString("0.0", CultureInfo.InvariantCulture)))} |");
            FineTuned best = first.MaxBy(one => one.Validation)!;
            return [best, .. seeds.Skip(1).Select(seed => FineTune(name, from, best.Rate, seed, train, validation))];
        }
    }

    private static Model Pretrain(IReadOnlyList<string>[] reviews, WordPieceTokenizer tokenizer, BenchArguments arguments)
    {
        TimeSpan start = ThreadTime.Now;
        (Model model, IReadOnlyList<EpochResult> epochs) = BertPretraining.Pretrain(reviews, tokenizer, s_options, s_pretraining, new ProgressLine(), arguments.Checkpoint("bert"), arguments.Runs is not null);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Pre-training: {reviews.Sum(review => review.Count):#,0} sentences, {model.CountParameters():#,0} parameters, {(ThreadTime.Now - start).TotalMinutes:0.0} minutes.\n\n| epoch | loss | guessed |\n|---|---|---|"));
        foreach (EpochResult epoch in epochs) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {epoch.Epoch} | {epoch.Loss:0.000} | {100 * epoch["accuracy"]:0.0} % |"));
        Console.WriteLine();
        return model;
    }

    private static FineTuned FineTune(string name, Model? from, float rate, int seed, Dataset train, Dataset validation)
    {
        var bert = new BertEncoder(s_options);
        Model model = bert.With([bert.Classification(QuestionData.Classes)], (ulong)seed);
        if (from is not null) WeightTransfer.Run(from, model);
        int steps = Epochs * ((train.Count + BatchSize - 1) / BatchSize);
        model.Compile(new AdamW(rate, 0.01) { Schedule = new WarmUp(new CosineDecay(rate, steps), steps / 10) }, Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy(fromLogits: true));
        var best = new EarlyStopping("val_accuracy", patience: Epochs, restoreBestWeights: true);
        TimeSpan start = ThreadTime.Now;
        History history = model.Fit(train, Epochs, BatchSize, validation, seed: (ulong)seed, callbacks: [best], options: new FitOptions { GlobalClipNorm = 1 });
        var result = new FineTuned(model, seed, rate, best.BestEpoch, history["val_accuracy"].Max());
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, rate {rate}, seed {seed}: epoch {result.Epoch}, validation {100 * result.Validation:0.0}, {(ThreadTime.Now - start).TotalMinutes:0.0} minutes"));
        return result;
    }

    private sealed record FineTuned(Model Model, int Seed, float Rate, int Epoch, double Validation);

    private sealed class ProgressLine : IProgress<TrainingProgress>
    {
        private const int Every = 200;

        public void Report(TrainingProgress value)
        {
            if (value.Batch % Every == 0 || value.Batch == value.Batches)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pre-training, epoch {value.Epoch} of {value.Epochs}, step {value.Batch} of {value.Batches}: loss {value.Loss:0.000}"));
        }
    }
}
