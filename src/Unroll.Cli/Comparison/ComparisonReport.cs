using System.Globalization;
using Unroll.Reports;
using Unroll.Tasks;

namespace Unroll.Cli.Comparison;

/// <summary>The HTML report of a comparison: the table, quality and latency as bars, the settings.</summary>
internal static class ComparisonReport
{
    /// <summary>Makes the report.</summary>
    public static HtmlReport Of(ComparisonJob job, IReadOnlyList<ComparisonResult> results)
    {
        var report = new HtmlReport($"Networks compared: {job.Title}");
        report.AddHeading("Quality, time, memory and latency");
        foreach (string sentence in ComparisonFigures.Sentences(job.Task, results).Concat(job.Notes)) report.AddParagraph(sentence);
        var table = new ReportTable(ComparisonFigures.Header(job.Task)) { Caption = "All networks have as many parameters as they can have near those of the LSTM" };
        foreach (ComparisonResult result in results) table.AddRow(ComparisonFigures.Row(result));
        report.AddTable(table);
        report.AddChart(Bars(job.Task.QualityName, results, result => result.Quality));
        report.AddChart(Bars("milliseconds an answer", results, result => result.LatencyMilliseconds));
        report.AddChart(Bars("seconds of training", results, result => result.TrainingSeconds));
        report.AddHeading("Settings");
        report.AddKeyValues(job.Configuration()["options"]!.AsObject().Concat(job.Data).Select(pair => new KeyValuePair<string, string>(pair.Key.Replace('_', ' '),
            pair.Value is System.Text.Json.Nodes.JsonValue value ? value.ToString() : pair.Value?.ToJsonString() ?? "none")));
        return report;
    }

    private static BarChart Bars(string what, IReadOnlyList<ComparisonResult> results, Func<ComparisonResult, double> value)
    {
        var chart = new BarChart(string.Create(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(what[0])}{what[1..]}")) { ValueLabel = what };
        foreach (ComparisonResult result in results) chart.AddBar(result.Model, value(result));
        return chart;
    }
}
