using System.Globalization;
using Unroll.Training;

namespace Unroll.Reports;

/// <summary>The gradients' way through time in a report.</summary>
public static class GradientFlowSection
{
    /// <summary>Adds a heading, two charts and the warnings: the gradient of the loss by time step, and by the lag from the loss.</summary>
    /// <param name="report">Where.</param>
    /// <param name="flow">What was measured.</param>
    /// <returns>The report.</returns>
    public static HtmlReport AddGradientFlow(this HtmlReport report, GradientFlow flow)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(flow);
        report.AddHeading("Gradients through time");
        foreach (GradientFinding finding in flow.Findings) report.AddParagraph(finding.Message);
        if (flow.Findings.Count == 0) report.AddParagraph("Nothing vanishes, explodes or is stuck.");
        var steps = new LineChart("Gradient of the loss with respect to the state after each step") { XLabel = "time step", YLabel = "norm", LogarithmicY = true };
        LineChart lags = LagChart("Part of a loss's gradient that arrives so many steps away");
        foreach (LayerGradientFlow layer in flow.Layers)
        {
            steps.AddLine($"{layer.Layer}, hidden", Positions(layer.HiddenByStep.Count), [.. layer.HiddenByStep]);
            if (layer.CellByStep is { } cell) steps.AddLine($"{layer.Layer}, cell", Positions(cell.Count), [.. cell]);
            if (layer.HiddenByLag.Count > 0)
                lags.AddLags(layer.Reach < 0 ? layer.Layer : string.Create(CultureInfo.InvariantCulture, $"{layer.Layer} (reaches {layer.Reach} steps)"), layer.PartByLag);
        }
        return report.AddChart(steps).AddChart(lags);
    }

    /// <summary>A chart for <see cref="AddLags"/>.</summary>
    internal static LineChart LagChart(string title) => new(title) { XLabel = "lag in steps", YLabel = "part of lag 0", LogarithmicY = true };

    /// <summary>Adds the part of the gradient that arrives at each lag from 0.</summary>
    internal static LineChart AddLags(this LineChart chart, string name, IEnumerable<double> parts)
    {
        double[] values = [.. parts];
        return chart.AddLine(name, Positions(values.Length), values);
    }

    private static double[] Positions(int count) => [.. Enumerable.Range(0, count).Select(i => (double)i)];
}
