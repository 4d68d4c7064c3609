using System.Globalization;
using System.Text;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>Draws <see cref="Network.Summary"/> in the form of Keras 3.</summary>
internal static class SummaryTable
{
    // Keras's widths on a terminal of 80 columns; a longer text widens its column, where Keras would break it.
    private static readonly int[] s_inARow = [33, 24, 15], s_inAGraph = [21, 19, 12, 19];
    private static readonly string[] s_titles = ["Layer (type)", "Output Shape", "Param #", "Connected to"];
    private const int Count = 2; // the column of numbers, which stand right

    /// <summary>Layers in a row.</summary>
    public static string Of(Sequential model) =>
        Of(model, s_inARow, [.. model.Layers.Select(layer => layer.IsBuilt ? [Named(layer), Describe(layer.OutputShape), Counted(layer)] : new[] { Named(layer), "?", "0 (unbuilt)" })]);

    /// <summary>Layers with what they compute from: name[call][output], as Keras counts; a shared layer has a line a call.</summary>
    public static string Of(Model model)
    {
        var rows = new List<string[]>();
        foreach ((LayerOutput input, string name) in model.Inputs.Zip(model.InputNames))
            rows.Add([$"{name} (Input)", Describe(input.Shape), "0", "-"]);
        foreach (Layer layer in model.Layers)
        {
            LayerOutput[] from = [.. model.CallsOf(layer).SelectMany(call => call.Inputs)];
            LayerCall first = model.CallsOf(layer)[0];
            for (int i = 0; i < from.Length; i++)
            {
                string source = Place(model, from[i]) + (i < from.Length - 1 ? "," : "");
                rows.Add(i == 0 ? [Named(layer), string.Join(", ", first.Outputs.Where(output => output.Index == 0 || model.Reads(output)).Select(output => Describe(output.Shape))), Counted(layer), source] : ["", "", "", source]);
            }
        }
        return Of(model, s_inAGraph, rows);
    }

    private static string Of(Network model, int[] least, List<string[]> rows)
    {
        int columns = least.Length;
        int[] widths = [.. least.Select((width, column) => Math.Max(width, rows.Select(row => row[column].Length + 2).DefaultIfEmpty().Max()))];
        var text = new StringBuilder();
        text.Append("Model: \"").Append(model.Name).Append("\"\n");
        Rule('┏', '━', '┳', '┓');
        Row('┃', s_titles);
        Rule('┡', '━', '╇', '┩');
        for (int i = 0; i < rows.Count; i++)
        {
            if (i > 0 && rows[i][0].Length > 0) Rule('├', '─', '┼', '┤');
            Row('│', rows[i]);
        }
        Rule('└', '─', '┴', '┘');
        long total = model.CountParameters();
        long trainable = model.Parameters.Where(parameter => parameter.Trainable).Sum(parameter => (long)parameter.Count);
        Total("Total", total);
        Total("Trainable", trainable);
        Total("Non-trainable", total - trainable);
        return text.ToString();

        void Rule(char left, char line, char middle, char right)
        {
            for (int column = 0; column < columns; column++) text.Append(column == 0 ? left : middle).Append(line, widths[column]);
            text.Append(right).Append('\n');
        }

        void Row(char bar, string[] cells)
        {
            for (int column = 0; column < columns; column++)
            {
                int width = widths[column] - 2;
                text.Append(bar).Append(' ').Append(column == Count ? cells[column].PadLeft(width) : cells[column].PadRight(width)).Append(' ');
            }
            text.Append(bar).Append('\n');
        }

        void Total(string what, long count) => text
            .Append(' ').Append(what).Append(" params: ").Append(Number(count)).Append(" (").Append(Bytes(count * sizeof(float))).Append(")\n");
    }

    private static string Place(Model model, LayerOutput output)
    {
        (string name, int call) = model.CallOf(output);
        return string.Create(CultureInfo.InvariantCulture, $"{name}[{call}][{output.Index}]");
    }

    private static string Named(Layer layer) => $"{layer.Name} ({(layer is ModelLayer nested ? nested.Model : (object)layer).GetType().Name})";

    private static string Counted(Layer layer) => Number(layer.Parameters.Sum(parameter => (long)parameter.Count));

    /// <summary>As Keras writes a shape: <c>(None, None, 64)</c>, and <c>(None,)</c> with one axis.</summary>
    internal static string Describe(Shape shape)
    {
        var axes = new string[shape.Rank];
        for (int i = 0; i < axes.Length; i++)
            axes[i] = shape[i] == Shape.Unknown ? "None" : shape[i].ToString(CultureInfo.InvariantCulture);
        return axes.Length == 1 ? $"({axes[0]},)" : $"({string.Join(", ", axes)})";
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>For example <c>641.04 KB</c>, of 1,024 bytes.</summary>
    internal static string Bytes(long bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        double size = bytes;
        int unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++) size /= 1024;
        return size.ToString("0.00", CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
