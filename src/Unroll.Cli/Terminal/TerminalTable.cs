using System.Globalization;
using Spectre.Console;

namespace Unroll.Cli.Terminal;

/// <summary>A table: ruled on a terminal, plain aligned text in a file or a pipe. Columns of numbers stand to the right.</summary>
internal sealed class TerminalTable
{
    private readonly string[] _header;
    private readonly List<string[]> _rows = [];

    /// <summary>A table without rows.</summary>
    /// <exception cref="ArgumentException">No column.</exception>
    public TerminalTable(params ReadOnlySpan<string> header)
    {
        if (header.Length == 0) throw new ArgumentException("TerminalTable: expected at least one column, received none.", nameof(header));
        _header = header.ToArray();
    }

    /// <summary>Adds a row below the others and returns this table.</summary>
    /// <exception cref="ArgumentException">Not as many cells as columns.</exception>
    public TerminalTable AddRow(params ReadOnlySpan<string> cells)
    {
        if (cells.Length != _header.Length)
            throw new ArgumentException($"TerminalTable: expected {_header.Length} cells, as many as the header has, received {cells.Length}.", nameof(cells));
        _rows.Add(cells.ToArray());
        return this;
    }

    /// <summary>Writes the table to the screen's output.</summary>
    public void WriteTo(Screen screen)
    {
        if (screen.OutputIsTerminal) WriteRuled(screen);
        else WritePlain(screen.Output);
    }

    private void WriteRuled(Screen screen)
    {
        Table table = new Table { Border = screen.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        for (int c = 0; c < _header.Length; c++)
        {
            var column = new TableColumn(Markup.Escape(_header[c]));
            if (IsNumeric(c)) column.RightAligned().NoWrap();
            table.AddColumn(column);
        }
        foreach (string[] row in _rows) table.AddRow([.. row.Select(Markup.Escape)]);
        screen.Ansi(error: false).Write(table);
    }

    private void WritePlain(TextWriter writer)
    {
        bool[] right = [.. Enumerable.Range(0, _header.Length).Select(IsNumeric)];
        int[] widths = [.. Enumerable.Range(0, _header.Length).Select(c => _rows.Select(row => row[c].Length).Append(_header[c].Length).Max())];
        foreach (string[] row in _rows.Prepend(_header))
        {
            IEnumerable<string> cells = row.Select((cell, c) => right[c] ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
            writer.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private bool IsNumeric(int column)
    {
        bool any = false;
        foreach (string[] row in _rows)
        {
            string cell = row[column].Trim();
            if (cell is "" or "-" or "–") continue;
            if (!double.TryParse(cell.TrimEnd('%').TrimEnd(), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _)) return false;
            any = true;
        }
        return any;
    }
}
