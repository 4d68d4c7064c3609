using System.Diagnostics;
using System.Globalization;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Translation;

/// <summary>Does a <see cref="TranslationJob"/>: trains, saves, scores, reports.</summary>
internal static class TranslationRun
{
    /// <summary>Trains and writes the run folder; scores go to the screen.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    /// <exception cref="RunStoppedException">Stopped; the checkpoint is kept.</exception>
    public static void Run(TranslationJob job, Screen screen, CancellationToken cancel)
    {
        job.Folder.Begin(job.Configuration(), job.Resume);
        var clock = Stopwatch.StartNew();
        Translator translator = Train(job, screen, cancel);
        TimeSpan trained = clock.Elapsed;
        translator.Model.Extras["provenance"] = job.Configuration();
        translator.Save(job.Folder.Model);

        TextPair tested = job.Test ?? job.Validation;
        clock.Restart();
        TranslationScore score = ProgressDisplay.Run(screen, "translating", tested.Text.Count, "sentences",
            progress => translator.Evaluate(tested.Text, job.Beam, progress: new SentenceProgress(progress), cancellation: cancel));
        IReadOnlyList<Unroll.Tasks.Translation> shown = translator.Translate([.. tested.Text.Sources.Take(TranslationReport.Shown)], job.Beam, withAlignment: true, cancellation: cancel);
        job.Folder.WriteReport(TranslationReport.Of(job, translator, score, shown));
        Print(job, translator, score, tested, trained, clock.Elapsed, screen.Output);
    }

    private static Translator Train(TranslationJob job, Screen screen, CancellationToken cancel)
    {
        try
        {
            return ProgressDisplay.Run(screen, "training", job.Options.Epochs, "epochs", progress => Translator.Train(
                job.Train.Text, job.Validation.Text, job.Options, new EpochProgress(progress), new CheckpointOptions(job.Folder.Checkpoint, job.CheckpointEvery),
                job.Resume, [new JsonLinesLogger(job.Folder.Metrics)], cancel));
        }
        catch (OperationCanceledException) when (job.Folder.HasCheckpoint)
        {
            throw new RunStoppedException(job.Folder.Checkpoint);
        }
    }

    private static void Print(TranslationJob job, Translator translator, TranslationScore score, TextPair tested, TimeSpan trained, TimeSpan translated, TextWriter output)
    {
        int words = score.Translations.Sum(one => one.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        foreach (TextPair pair in new[] { job.Train, job.Validation, tested }.Distinct())
            if (pair.Text.SkippedCount > 0) output.WriteLine($"{Figures.Count(pair.Text.SkippedCount, "pair")} with an empty side left out.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Figures.Count(translator.Model.CountParameters(), "parameter")}; best epoch {translator.BestEpoch} of {translator.History!.Epochs.Count}; trained in {trained.TotalMinutes:0.0} minutes."));
        foreach (string line in TranslationReport.Scores(score, job.Beam)) output.WriteLine(line);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"On {Figures.Count(tested.Text.Count, job.Test is null ? "validation pair" : "test pair")}, {words / Math.Max(translated.TotalSeconds, 1e-3):0} words a second, scoring included."));
        output.WriteLine($"Wrote {job.Folder.Path}: model.safetensors, configuration.json, metrics.jsonl, checkpoint.safetensors, report.html.");
    }

    private sealed class EpochProgress(IProgress<ProgressStep> target) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => target.Report(new ProgressStep(value.Epoch - 1 + (double)value.Batch / value.Batches, $"loss {Figures.Number(value.Loss)}"));
    }

    private sealed class SentenceProgress(IProgress<ProgressStep> target) : IProgress<int>
    {
        public void Report(int value) => target.Report(new ProgressStep(value));
    }
}
