using System.Globalization;
using System.Text;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>Draws <see cref="Sequential.Summary"/> in the form of Keras 3.</summary>
internal static class SummaryTable
{
    // Keras's widths on a terminal of 80 columns; a longer text widens its column, where Keras would break it.
    private const int NameWidth = 33, ShapeWidth = 24, CountWidth = 15;

    public static string Of(Sequential model)
    {
        var rows = new List<(string Name, string Shape, string Count)>();
        foreach (Layer layer in model.Layers)
        {
            string name = $"{layer.Name} ({layer.GetType().Name})";
            rows.Add(layer.IsBuilt
                ? (name, Describe(layer.OutputShape), Number(layer.Parameters.Sum(parameter => (long)parameter.Count)))
                : (name, "?", "0 (unbuilt)"));
        }
        int first = Math.Max(NameWidth, Widest(rows.Select(row => row.Name)));
        int second = Math.Max(ShapeWidth, Widest(rows.Select(row => row.Shape)));
        int third = Math.Max(CountWidth, Widest(rows.Select(row => row.Count)));

        var text = new StringBuilder();
        text.Append("Model: \"").Append(model.Name).Append("\"\n");
        Rule('┏', '━', '┳', '┓');
        Row('┃', ("Layer (type)", "Output Shape", "Param #"));
        Rule('┡', '━', '╇', '┩');
        for (int i = 0; i < rows.Count; i++)
        {
            if (i > 0) Rule('├', '─', '┼', '┤');
            Row('│', rows[i]);
        }
        Rule('└', '─', '┴', '┘');
        long total = model.CountParameters();
        long trainable = model.Parameters.Where(parameter => parameter.Trainable).Sum(parameter => (long)parameter.Count);
        Total("Total", total);
        Total("Trainable", trainable);
        Total("Non-trainable", total - trainable);
        return text.ToString();

        void Rule(char left, char line, char middle, char right) => text
            .Append(left).Append(line, first).Append(middle).Append(line, second).Append(middle).Append(line, third).Append(right).Append('\n');

        void Row(char bar, (string Name, string Shape, string Count) row) => text
            .Append(bar).Append(' ').Append(row.Name.PadRight(first - 1))
            .Append(bar).Append(' ').Append(row.Shape.PadRight(second - 1))
            .Append(bar).Append(' ').Append(row.Count.PadLeft(third - 2)).Append(' ').Append(bar).Append('\n');

        void Total(string what, long count) => text
            .Append(' ').Append(what).Append(" params: ").Append(Number(count)).Append(" (").Append(Bytes(count * sizeof(float))).Append(")\n");
    }

    /// <summary>As Keras writes a shape: <c>(None, None, 64)</c>, and <c>(None,)</c> with one axis.</summary>
    internal static string Describe(Shape shape)
    {
        var axes = new string[shape.Rank];
        for (int i = 0; i < axes.Length; i++)
            axes[i] = shape[i] == Shape.Unknown ? "None" : shape[i].ToString(CultureInfo.InvariantCulture);
        return axes.Length == 1 ? $"({axes[0]},)" : $"({string.Join(", ", axes)})";
    }

    private static int Widest(IEnumerable<string> texts) => texts.Select(text => text.Length + 2).DefaultIfEmpty().Max();

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
