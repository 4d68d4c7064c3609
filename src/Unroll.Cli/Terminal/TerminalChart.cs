using System.Text;
using Unroll.Reports;

namespace Unroll.Cli.Terminal;

/// <summary>
/// A line chart in text, of one or two series over the same positions. With Unicode the first is a line of braille dots
/// (two by four in a character) and the second a point a column; in ASCII both are points. NaN leaves a gap.
/// </summary>
internal sealed class TerminalChart
{
    private const char BrailleBase = '\u2800';

    // Bits of a braille character by row and column of its dots (Unicode 15, chapter 21.1).
    private static readonly int[,] Dots = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    private readonly List<(string Name, float[] Values)> _series = [];

    /// <summary>Lines of the picture without axis and legend, 3 or more. Default 14.</summary>
    public int Height { get; init; } = 14;

    /// <summary>What stands under the first position; null for nothing.</summary>
    public string? FirstLabel { get; init; }

    /// <summary>What stands under the last position; null for nothing.</summary>
    public string? LastLabel { get; init; }

    /// <summary>Adds a series and returns this chart. A series shorter than the other is padded with NaN at the start by its caller.</summary>
    /// <exception cref="ArgumentException">A third series, or another length than the first's.</exception>
    public TerminalChart AddSeries(string name, ReadOnlySpan<float> values)
    {
        if (_series.Count == 2) throw new ArgumentException("TerminalChart: expected one or two series, received a third.", nameof(name));
        if (_series.Count == 1 && _series[0].Values.Length != values.Length)
            throw new ArgumentException($"TerminalChart: expected {_series[0].Values.Length} values as in the first series, received {values.Length}. Fill with NaN.", nameof(values));
        _series.Add((name, values.ToArray()));
        return this;
    }

    /// <summary>Writes the chart to the screen's output, as wide as the screen.</summary>
    public void WriteTo(Screen screen)
    {
        foreach (string line in Render(screen.Width, screen.Unicode)) screen.Output.WriteLine(line);
    }

    /// <summary>The chart's lines, none longer than <paramref name="width"/> (30 or more) but for names in the legend.</summary>
    public IReadOnlyList<string> Render(int width, bool unicode)
    {
        float[] finite = [.. _series.SelectMany(series => series.Values).Where(float.IsFinite)];
        if (finite.Length == 0) return ["(no values to draw)"];
        width = Math.Max(width, 30);
        int height = Math.Max(Height, 3);
        (double low, double high) = (finite.Min(), finite.Max());
        if (low == high) (low, high) = low == 0 ? (-1, 1) : (low - Math.Abs(low) * 0.1, high + Math.Abs(high) * 0.1);

        AxisTicks ticks = AxisTicks.Linear(low, high, Math.Max(2, height / 3));
        int labelWidth = ticks.Labels.Max(label => label.Length);
        int columns = width - labelWidth - 2;
        var cells = new char[height, columns];
        for (int r = 0; r < height; r++) for (int c = 0; c < columns; c++) cells[r, c] = ' ';
        if (unicode) DrawBraille(cells, _series[0].Values, low, high);
        else DrawPoints(cells, _series[0].Values, low, high, '*', overlap: '*');
        if (_series.Count == 2) DrawPoints(cells, _series[1].Values, low, high, unicode ? '●' : 'o', unicode ? '●' : '#');

        var lines = new List<string>();
        for (int r = 0; r < height; r++)
        {
            int tick = Array.FindIndex(ticks.Values, value => Row(value, low, high, height) == r);
            string label = tick < 0 ? "" : ticks.Labels[tick];
            string axis = unicode ? (tick < 0 ? "│" : "┤") : tick < 0 ? "|" : "+";
            var line = new StringBuilder(label.PadLeft(labelWidth)).Append(' ').Append(axis);
            for (int c = 0; c < columns; c++) line.Append(cells[r, c]);
            lines.Add(line.ToString().TrimEnd());
        }
        lines.Add(new string(' ', labelWidth + 1) + (unicode ? "└" + new string('─', columns) : "+" + new string('-', columns)));
        AddLabels(lines, labelWidth + 2, columns, unicode);
        return lines;
    }

    private void AddLabels(List<string> lines, int indent, int columns, bool unicode)
    {
        string first = FirstLabel ?? "", last = LastLabel ?? "";
        if (first.Length + last.Length > 0 && first.Length + last.Length < columns)
            lines.Add(new string(' ', indent) + first + last.PadLeft(columns - first.Length));
        string[] marks = unicode ? ["⠒⠒", "●"] : ["*", "o"];
        lines.Add(new string(' ', indent) + string.Join("   ", _series.Select((series, i) => $"{marks[i]} {series.Name}")));
    }

    // Each pair of neighbouring values is joined by dots; where several values share a dot column they overlay.
    private static void DrawBraille(char[,] cells, float[] values, double low, double high)
    {
        int columns = cells.GetLength(1) * 2, rows = cells.GetLength(0) * 4;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) continue;
            int x = Column(i, values.Length, columns), y = Row(values[i], low, high, rows);
            Set(cells, x, y);
            if (i + 1 >= values.Length || !float.IsFinite(values[i + 1])) continue;
            int endX = Column(i + 1, values.Length, columns), endY = Row(values[i + 1], low, high, rows);
            int steps = Math.Max(endX - x, Math.Abs(endY - y));
            for (int s = 1; s < steps; s++)
                Set(cells, x + (int)Math.Round((endX - x) * (double)s / steps), y + (int)Math.Round((endY - y) * (double)s / steps));
        }
    }

    private static void Set(char[,] cells, int x, int y)
    {
        ref char cell = ref cells[y / 4, x / 2];
        int dots = cell == ' ' ? 0 : cell - BrailleBase;
        cell = (char)(BrailleBase + (dots | Dots[y % 4, x % 2]));
    }

    private static void DrawPoints(char[,] cells, float[] values, double low, double high, char mark, char overlap)
    {
        int columns = cells.GetLength(1), rows = cells.GetLength(0);
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) continue;
            ref char cell = ref cells[Row(values[i], low, high, rows), Column(i, values.Length, columns)];
            cell = cell == ' ' || cell == mark ? mark : overlap;
        }
    }

    private static int Column(int index, int count, int columns) =>
        count == 1 ? 0 : (int)Math.Round(index * (double)(columns - 1) / (count - 1));

    private static int Row(double value, double low, double high, int rows) =>
        (int)Math.Round((high - value) / (high - low) * (rows - 1));
}
