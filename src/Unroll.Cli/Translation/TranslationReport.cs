using System.Globalization;
using Unroll.Cli.Forecasting;
using Unroll.Reports;
using Unroll.Tasks;
using Unroll.Text;

namespace Unroll.Cli.Translation;

/// <summary>The HTML report of a translator's training: scores, sentences, the training curve.</summary>
internal static class TranslationReport
{
    /// <summary>How many sentences are shown.</summary>
    public const int Shown = 10;

    /// <summary>How many of them with their alignment.</summary>
    private const int Drawn = 5;

    /// <summary>Makes the report.</summary>
    public static HtmlReport Of(TranslationJob job, Translator translator, TranslationScore score, IReadOnlyList<Unroll.Tasks.Translation> shown)
    {
        var report = new HtmlReport("Translator");
        report.AddHeading(job.Test is null ? "On the validation pairs, which chose the epoch" : "On pairs that training did not see");
        foreach (string line in Scores(score, job.Beam)) report.AddParagraph(line);
        report.AddHeading("Sentences");
        AddSentences(report, job, shown);
        report.AddHeading("What each token was written from");
        foreach (Unroll.Tasks.Translation one in shown.Take(Drawn)) report.AddChart(new AlignmentPicture(one.Text, one.SourceTokens, one.TargetTokens, one.Alignment!));
        report.AddHeading("Training");
        report.AddParagraph($"Loss is the cross-entropy of a token, smoothed. The best epoch was {translator.BestEpoch.ToString(CultureInfo.InvariantCulture)}.");
        var curve = new LineChart("Loss by epoch") { XLabel = "epoch" };
        double[] epochs = [.. translator.History!.Epochs.Select(epoch => (double)epoch.Epoch)];
        curve.AddLine("training", epochs, [.. translator.History["loss"]]);
        curve.AddLine("validation", epochs, [.. translator.History["val_loss"]]);
        report.AddChart(curve);
        report.AddHeading("Settings");
        report.AddKeyValues(job.Configuration()["options"]!.AsObject().Select(pair => new KeyValuePair<string, string>(pair.Key.Replace('_', ' '), pair.Value!.ToString())));
        return report;
    }

    /// <summary>The scores, a line each, with their signatures.</summary>
    public static IEnumerable<string> Scores(TranslationScore score, int beam)
    {
        string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
        yield return $"BLEU {Text(score.Bleu.Score)} with {(beam == 1 ? "the likeliest token at each step" : $"beam {beam.ToString(CultureInfo.InvariantCulture)}")} ({score.Bleu.Signature})";
        yield return $"chrF2 {Text(score.Chrf.Score)} ({score.Chrf.Signature})";
        yield return $"perplexity {Text(score.Perplexity)} a token, {Text(score.WordPerplexity)} a word";
    }

    private static void AddSentences(HtmlReport report, TranslationJob job, IReadOnlyList<Unroll.Tasks.Translation> shown)
    {
        ParallelText pairs = (job.Test ?? job.Validation).Text;
        var table = new ReportTable("source", "translation", "reference") { Caption = "The first sentences" };
        for (int i = 0; i < shown.Count; i++) table.AddRow(pairs.Sources[i], shown[i].Text, pairs.Targets[i]);
        report.AddTable(table);
    }
}
