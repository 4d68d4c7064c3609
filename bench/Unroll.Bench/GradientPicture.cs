using System.Globalization;
using Unroll.Files;
using Unroll.Reports;
using Unroll.Training;

namespace Unroll.Bench;

/// <summary>What of a loss's gradient arrives how many steps back, one line a layer: docs/gradients/NAME.svg.</summary>
internal static class GradientPicture
{
    /// <summary>Less than this is not drawn: it is nothing beside float32's own precision.</summary>
    private const double Least = 1e-10;

    /// <summary>Draws the first recurrent layer of each model.</summary>
    /// <param name="folder">Where; made if it is not there. Null draws nothing.</param>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="title">What the picture shows.</param>
    /// <param name="layers">The legend's words and what was measured.</param>
    public static void Save(string? folder, string name, string title, IEnumerable<(string Name, LayerGradientFlow Flow)> layers)
    {
        if (folder is null) return;
        LineChart chart = GradientFlowSection.LagChart(title);
        foreach ((string layer, LayerGradientFlow flow) in layers) chart.AddLags(layer, flow.PartByLag.Select(part => part < Least ? double.NaN : part));
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, name + ".svg"), chart.ToSvg());
    }

    /// <summary>How far back a hundredth of the gradient comes, for a table.</summary>
    public static string Reach(LayerGradientFlow flow) => string.Create(CultureInfo.InvariantCulture, $"{flow.Reach} of {flow.HiddenByLag.Count - 1} steps");
}
