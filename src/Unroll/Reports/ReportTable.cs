using System.Globalization;

namespace Unroll.Reports;

/// <summary>A table of a report: a header and rows of text. Columns of numbers are aligned to the right.</summary>
public sealed class ReportTable
{
    private readonly string[] _header;
    private readonly List<string[]> _rows = [];

    /// <summary>A table without rows.</summary>
    /// <param name="header">The columns' names, at least one.</param>
    /// <exception cref="ArgumentException">No column.</exception>
    public ReportTable(params ReadOnlySpan<string> header)
    {
        if (header.Length == 0)
            throw new ArgumentException("ReportTable: expected at least one column, received none.", nameof(header));
        _header = header.ToArray();
    }

    /// <summary>What the table shows, written above it; null for no caption.</summary>
    public string? Caption { get; init; }

    /// <summary>How many rows there are.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Adds a row below the others and returns this table.</summary>
    /// <param name="cells">One text a column; numbers already formatted.</param>
    /// <exception cref="ArgumentException">Not as many cells as columns.</exception>
    public ReportTable AddRow(params ReadOnlySpan<string> cells)
    {
        if (cells.Length != _header.Length)
            throw new ArgumentException($"ReportTable: expected {_header.Length} cells, as many as the header has, received {cells.Length}.", nameof(cells));
        _rows.Add(cells.ToArray());
        return this;
    }

    internal void WriteTo(TextWriter writer)
    {
        string[] alignment = [.. Enumerable.Range(0, _header.Length).Select(column => IsNumeric(column) ? " class=\"number\"" : "")];
        writer.Write("<div class=\"scroll\">\n<table>\n");
        if (Caption is not null) writer.Write($"<caption>{HtmlText.Escape(Caption)}</caption>\n");
        writer.Write("<thead><tr>");
        for (int c = 0; c < _header.Length; c++) writer.Write($"<th scope=\"col\"{alignment[c]}>{HtmlText.Escape(_header[c])}</th>");
        writer.Write("</tr></thead>\n<tbody>\n");
        foreach (string[] row in _rows)
        {
            writer.Write("<tr>");
            for (int c = 0; c < row.Length; c++) writer.Write($"<td{alignment[c]}>{HtmlText.Escape(row[c])}</td>");
            writer.Write("</tr>\n");
        }
        writer.Write("</tbody>\n</table>\n</div>\n");
    }

    // A column holds numbers when some cell is one and every other is one too, or empty, or a dash, or a percentage.
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
