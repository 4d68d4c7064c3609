using Unroll.Cli.Terminal;
using Unroll.Tasks;

namespace Unroll.Cli.Comparison;

/// <summary>Does a <see cref="ComparisonJob"/>: trains network after network, keeps each result, prints and reports them.</summary>
internal static class ComparisonRun
{
    /// <summary>Compares and writes the folder; the table goes to the screen.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    /// <exception cref="RunStoppedException">Stopped; the results so far are kept.</exception>
    public static void Run(ComparisonJob job, Screen screen, CancellationToken cancel)
    {
        job.Folder.Begin(job.Configuration(), job.Resume);
        var results = ComparisonLines.Read(job.Folder.Metrics).ToDictionary(result => result.Model, StringComparer.Ordinal);
        ComparedModel[] left = [.. job.Models.Where(model => !results.ContainsKey(model.Name))];
        foreach (string note in job.Notes) screen.Output.WriteLine(note);
        try
        {
            if (left.Length > 0)
            {
                _ = ProgressDisplay.Run(screen, "comparing", left.Length, "networks", progress =>
                {
                    foreach (ComparisonResult result in ModelComparison.Run(job.Task, job.Options, left, new ModelProgress(progress), cancel))
                    {
                        ComparisonLines.Append(job.Folder.Metrics, result);
                        results.Add(result.Model, result);
                    }
                    return results.Count;
                });
            }
        }
        catch (OperationCanceledException) when (results.Count > 0)
        {
            throw new RunStoppedException(job.Folder.Metrics);
        }
        ComparisonResult[] ordered = [.. job.Models.Select(model => results[model.Name])];
        job.Folder.WriteReport(ComparisonReport.Of(job, ordered));
        var table = new TerminalTable(ComparisonFigures.Header(job.Task));
        foreach (ComparisonResult result in ordered) table.AddRow(ComparisonFigures.Row(result));
        table.WriteTo(screen);
        foreach (string sentence in ComparisonFigures.Sentences(job.Task, ordered)) screen.Output.WriteLine(sentence);
        screen.Output.WriteLine($"Wrote {job.Folder.Path}: configuration.json, metrics.jsonl (a line a network), report.html.");
    }

    private sealed class ModelProgress(IProgress<ProgressStep> target) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => target.Report(new ProgressStep(value.Completed, value.Model));
    }
}
