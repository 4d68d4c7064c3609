using System.Globalization;
using System.Text;
using Unroll.Reports;

namespace Unroll.Cli.Bench.Growth;

/// <summary>Tables in Markdown and charts in SVG of how time and memory grow.</summary>
/// <param name="Sweeps">Each sweep with its points, smallest first.</param>
internal sealed record GrowthReport(IReadOnlyList<(GrowthSweep Sweep, IReadOnlyList<GrowthPoint> Points)> Sweeps)
{
    private const int ChartWidth = LineChartDrawing.Width, ChartHeight = LineChartDrawing.Height, CaptionHeight = 40;

    /// <summary>The tables, with a reference to the picture.</summary>
    /// <param name="heading">The title.</param>
    /// <param name="facts">Machine, date, command: a paragraph.</param>
    /// <param name="picture">The picture's file name.</param>
    public string Markdown(string heading, string facts, string picture)
    {
        var text = new StringBuilder($"# {heading}\n\n{facts}\n\n![time and memory against steps, units and batch]({picture})\n");
        text.Append("\nMemory is what the tape holds; weights, input and output are not in it. The power is that of the size with which the\n"
            + "cost grew from the line above: 1 is linear, 2 quadratic. An LSTM has as many inputs as units here. The last two columns\n"
            + "are training with gradient checkpointing as a part of training without it.\n");
        foreach ((GrowthSweep sweep, IReadOnlyList<GrowthPoint> points) in Sweeps)
        {
            text.Append($"\n## {char.ToUpperInvariant(sweep.Name[0])}{sweep.Name[1..]} ({sweep.Fixed})\n\n");
            text.Append($"| {sweep.Name} | forward ms | power | train ms | power | forward MB | power | train MB | power | checkpointed ms | checkpointed MB |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
            for (int i = 0; i < points.Count; i++)
            {
                GrowthPoint point = points[i];
                text.Append($"| {sweep.Size(point.Shape).ToString("#,0", CultureInfo.InvariantCulture)} |");
                foreach (Func<GrowthPoint, double> cost in (ReadOnlySpan<Func<GrowthPoint, double>>)[p => p.ForwardMilliseconds, p => p.TrainMilliseconds, p => Megabytes(p.ForwardBytes), p => Megabytes(p.TrainBytes)])
                {
                    string power = i == 0 ? "" : GrowthPoint.Exponent(cost(points[i - 1]), cost(point), sweep.Size(points[i - 1].Shape), sweep.Size(point.Shape)).ToString("0.00", CultureInfo.InvariantCulture);
                    text.Append($" {Figure(cost(point))} | {power} |");
                }
                text.Append($" {Part(point.RecomputeMilliseconds / point.TrainMilliseconds)} | {Part((double)point.RecomputeBytes / point.TrainBytes)} |\n");
            }
        }
        return text.ToString();
    }

    /// <summary>A row of two charts, time and memory, for each sweep; both axes logarithmic.</summary>
    public string Svg()
    {
        int rowHeight = ChartHeight + CaptionHeight, height = Sweeps.Count * rowHeight;
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        writer.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {2 * ChartWidth} {height}\" width=\"{ChartWidth}\">\n");
        writer.Write($"<style>{ReportStyle.Standalone}</style>\n");
        writer.Write($"<rect width=\"{2 * ChartWidth}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        for (int row = 0; row < Sweeps.Count; row++)
        {
            (GrowthSweep sweep, IReadOnlyList<GrowthPoint> points) = Sweeps[row];
            Write(writer, 0, row * rowHeight, sweep, "milliseconds", points, point => point.ForwardMilliseconds, point => point.TrainMilliseconds);
            Write(writer, ChartWidth, row * rowHeight, sweep, "MB", points, point => Megabytes(point.ForwardBytes), point => Megabytes(point.TrainBytes));
        }
        writer.Write("</svg>\n");
        return writer.ToString();
    }

    private static void Write(TextWriter writer, int left, int top, GrowthSweep sweep, string unit, IReadOnlyList<GrowthPoint> points, Func<GrowthPoint, double> forward, Func<GrowthPoint, double> train)
    {
        double[] sizes = [.. points.Select(point => (double)sweep.Size(point.Shape))];
        LineChart chart = new LineChart(sweep.Name) { XLabel = sweep.Name, YLabel = unit, LogarithmicX = true, LogarithmicY = true }
            .AddLine("forward", sizes, [.. points.Select(forward)])
            .AddLine("train", sizes, [.. points.Select(train)]);
        writer.Write($"<text x=\"{left + 80}\" y=\"{top + 26}\">{unit} against {sweep.Name} ({sweep.Fixed}): forward blue, train orange</text>\n");
        new LineChartDrawing(chart).WriteTo(writer, $"x=\"{left}\" y=\"{top + CaptionHeight}\" width=\"{ChartWidth}\" height=\"{ChartHeight}\"");
    }

    private static double Megabytes(long bytes) => bytes * 1e-6;

    private static string Part(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Figure(double value) => value.ToString(value < 1 ? "0.0000" : value < 100 ? "0.000" : "#,0.0", CultureInfo.InvariantCulture);
}
