using System.Globalization;
using Unroll.Data;
using Unroll.Reports;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Forecasting;

/// <summary>The HTML report of a training: scores, the forecast drawn over what came, the forecast to come, the training curve.</summary>
internal static class ForecastReport
{
    private const int MostSeries = 3;

    /// <summary>Makes the report.</summary>
    public static HtmlReport Of(ForecastJob job, Forecaster forecaster, ForecastEvaluation? evaluation, IReadOnlyList<RollingForecast> rolling)
    {
        var report = new HtmlReport($"Forecast of {job.Title}");
        if (evaluation is not null)
        {
            report.AddHeading("On rows that training did not see");
            report.AddTable(Figures.Report(evaluation, $"{Figures.Count(evaluation.Windows, "forecast")} of {Figures.Count(evaluation.Horizon, "row")} each; every forecaster on the same points"));
            report.AddParagraph("RMSE and MAE are in the series' unit. MASE below 1 is better than repeating the season on the rows before.");
            if (evaluation.Levels.Count > 0) report.AddParagraph(Figures.Coverage(evaluation));
        }
        foreach (RollingForecast one in rolling.Take(MostSeries)) report.AddChart(Drawn(one, forecaster));
        report.AddHeading("The rows to come");
        IReadOnlyList<TimeSeries> shown = [.. job.Series.Take(MostSeries)];
        IReadOnlyList<Forecast> next = forecaster.Predict(shown);
        for (int s = 0; s < shown.Count; s++) report.AddChart(Future(shown[s], next[s]));
        if (forecaster.History is { Epochs.Count: > 0 } history)
        {
            report.AddHeading("Training");
            report.AddParagraph($"Loss is the mean squared error on the scaled values. The best epoch was {forecaster.BestEpoch.ToString(CultureInfo.InvariantCulture)}"
                + (forecaster.BestEpoch == 0 ? ": the linear part alone." : "."));
            report.AddChart(Curve(history));
        }
        report.AddGradientFlow(forecaster.MeasureGradientFlow(job.Series));
        report.AddHeading("Settings");
        report.AddKeyValues(Settings(job, forecaster));
        return report;
    }

    private static LineChart Drawn(RollingForecast rolling, Forecaster forecaster)
    {
        TimeSeries series = rolling.Series;
        int first = Math.Max(0, rolling.Start - Math.Max(3 * forecaster.Horizon, 24));
        var chart = new LineChart($"{series.Name}: forecasts of {Figures.Count(forecaster.Horizon, "row")} beside what came") { YLabel = series.Name };
        Line(chart, "actual", series.Timestamps, first, series.Values);
        Line(chart, "forecast", series.Timestamps, first, rolling.Mean);
        if (forecaster.Quantiles.Count >= 2) Band(chart, BandName(forecaster.Quantiles), series.Timestamps, first, rolling.Lower, rolling.Upper);
        if (series.Timestamps is { } times) chart.MarkAt(times[rolling.Start]);
        else chart.MarkAt(rolling.Start);
        return chart;
    }

    private static LineChart Future(TimeSeries series, Forecast forecast)
    {
        int known = Math.Min(series.Count, Math.Max(4 * forecast.Horizon, 48)), first = series.Count - known;
        DateTime[]? times = forecast.Timestamps is null ? null : [.. series.Timestamps!.Skip(first), .. forecast.Timestamps];
        var chart = new LineChart($"{series.Name}: the next {Figures.Count(forecast.Horizon, "row")}") { YLabel = series.Name };
        float[] gap = new float[forecast.Horizon], before = new float[known];
        Array.Fill(gap, float.NaN);
        Array.Fill(before, float.NaN);
        before[^1] = series.Values[^1]; // so that the forecast's line starts where the series ends
        int offset = times is null ? first : 0;
        Line(chart, "actual", times, 0, [.. series.Values[first..], .. gap], offset);
        Line(chart, "forecast", times, 0, [.. before, .. forecast.Mean], offset);
        if (forecast.Levels.Count >= 2)
        {
            Band(chart, BandName(forecast.Levels), times, 0,
                [.. before, .. forecast.Quantile(forecast.Levels[0])], [.. before, .. forecast.Quantile(forecast.Levels[^1])], offset);
        }
        if (times is not null) chart.MarkAt(times[known - 1]);
        else chart.MarkAt(series.Count - 1);
        return chart;
    }

    private static LineChart Curve(History history)
    {
        var chart = new LineChart("Loss by epoch") { XLabel = "epoch", LogarithmicY = true };
        double[] epochs = [.. history.Epochs.Select(epoch => (double)epoch.Epoch)];
        foreach (string name in history.Names.Where(name => name.EndsWith("loss", StringComparison.Ordinal)))
            chart.AddLine(name == "val_loss" ? "validation" : name == "loss" ? "training" : name, epochs, [.. history[name]]);
        return chart;
    }

    private static IEnumerable<KeyValuePair<string, string>> Settings(ForecastJob job, Forecaster forecaster)
    {
        string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
        yield return new("rows", string.Join(", ", job.Series.Take(MostSeries).Select(series => $"{series.Name} {Text(series.Count)}")) + (job.Series.Count > MostSeries ? ", …" : ""));
        yield return new("held out", string.Join(", ", job.TestRows.Take(MostSeries).Select(rows => Text(rows))) + (job.Series.Count > MostSeries ? ", …" : ""));
        yield return new("horizon", Text(forecaster.Horizon));
        yield return new("rows read", Text(forecaster.InputLength));
        yield return new("season", forecaster.Season == 1 ? "none" : Text(forecaster.Season));
        yield return new("logarithm", forecaster.Logarithm ? "yes" : "no");
        yield return new("level", forecaster.Level.ToString());
        yield return new("calendar", forecaster.Waves.Count == 0 ? "none" : string.Join(", ", forecaster.Waves));
        yield return new("covariates", forecaster.Covariates.Count == 0 ? "none" : string.Join(", ", forecaster.Covariates));
        yield return new("cell", $"{job.Options.Cell}, {Text(job.Options.Units)} units, {Figures.Count(job.Options.Layers, "layer")}");
        yield return new("parameters", Text(forecaster.Model.CountParameters()));
        yield return new("seed", Text(job.Options.Seed));
    }

    private static string BandName(IReadOnlyList<double> levels) => string.Create(CultureInfo.InvariantCulture, $"quantiles {levels[0]:0.###} to {levels[^1]:0.###}");

    private static void Line(LineChart chart, string name, IReadOnlyList<DateTime>? times, int first, ReadOnlySpan<float> values, int offset = 0)
    {
        double[] y = Doubles(values[first..]);
        if (times is not null) chart.AddLine(name, Times(times, first), y);
        else chart.AddLine(name, Positions(first + offset, y.Length), y);
    }

    private static void Band(LineChart chart, string name, IReadOnlyList<DateTime>? times, int first, ReadOnlySpan<float> lower, ReadOnlySpan<float> upper, int offset = 0)
    {
        double[] low = Doubles(lower[first..]), high = Doubles(upper[first..]);
        if (times is not null) chart.AddBand(name, Times(times, first), low, high);
        else chart.AddBand(name, Positions(first + offset, low.Length), low, high);
    }

    private static DateTime[] Times(IReadOnlyList<DateTime> times, int first) => [.. times.Skip(first)];

    private static double[] Positions(int first, int count) => [.. Enumerable.Range(first, count).Select(row => (double)row)];

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        for (int i = 0; i < doubles.Length; i++) doubles[i] = values[i];
        return doubles;
    }
}
