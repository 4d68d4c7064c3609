using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Unroll.Cli.Csv;

/// <summary>How a CSV file is read.</summary>
internal sealed record CsvReadOptions
{
    /// <summary>What separates cells; null (the default) to find out among comma, semicolon and tab.</summary>
    public char? Delimiter { get; init; }
}

/// <summary>A CSV file in memory: a header and rows of text, as many cells in each, with their line numbers.</summary>
internal sealed class CsvTable
{
    private readonly List<string[]> _rows;
    private readonly List<int> _lines;

    private CsvTable(string path, char delimiter, string[] header, List<string[]> rows, List<int> lines)
    {
        (Path, Delimiter, Header, _rows, _lines) = (path, delimiter, header, rows, lines);
    }

    /// <summary>The file's path as it was given, for messages.</summary>
    public string Path { get; }

    /// <summary>What separates the cells.</summary>
    public char Delimiter { get; }

    /// <summary>The columns' names, without surrounding blanks, all different; a column without one is named by its place.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>How many rows follow the header.</summary>
    public int RowCount => _rows.Count;

    /// <summary>A cell, without surrounding blanks and quotes.</summary>
    public string Cell(int row, int column) => _rows[row][column];

    /// <summary>The line, counted from 1, on which a row begins.</summary>
    public int Line(int row) => _lines[row];

    /// <summary>Reads a file whole. Blank lines are passed over, except in a file of one column, where one between rows is an empty cell.</summary>
    /// <exception cref="InputException">The file cannot be read or is not a table.</exception>
    public static CsvTable Read(string path, CsvReadOptions? options = null)
    {
        string text = CsvTextFile.Read(path);
        char delimiter = options?.Delimiter ?? CsvDelimiter.Detect(text);
        bool misquoted = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter.ToString(),
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            TrimOptions = TrimOptions.Trim,
            BadDataFound = _ => misquoted = true,
        };
        using var parser = new CsvParser(new StringReader(text), configuration);
        string[]? header = null;
        var rows = new List<string[]>();
        var lines = new List<int>();
        var blank = new List<int>();
        int line = 1;
        while (parser.Read())
        {
            int start = line;
            line = parser.RawRow + 1;
            var cells = new string[parser.Count];
            for (int i = 0; i < cells.Length; i++) cells[i] = parser[i].Trim();
            // An odd count of quotes: one is open until the file's end, which the parser accepts.
            if (misquoted || parser.RawRecord.Count(c => c == '"') % 2 != 0)
                throw new InputException($"{path}, line {start}: a quote stands inside a cell or is not closed. Write a quote inside a quoted cell twice, and close every quoted cell.");
            if (cells is [] or [""])
            {
                blank.Add(start);
                continue;
            }
            if (header is null)
            {
                header = CheckedHeader(path, start, cells, delimiter);
                blank.Clear();
                continue;
            }
            if (header.Length == 1) AddEmpty(rows, lines, blank);
            if (cells.Length != header.Length)
                throw new InputException($"{path}, line {start}: expected {header.Length} cell{(header.Length == 1 ? "" : "s")} as in the header, found {cells.Length}. Add or remove cells, or put quotes around a cell that holds {CsvDelimiter.Name(delimiter)}.");
            blank.Clear();
            rows.Add(cells);
            lines.Add(start);
        }
        if (header is null)
            throw new InputException($"{path}: the file is empty. Expected a header line with column names, then rows of values.");
        if (rows.Count == 0)
            throw new InputException($"{path}: expected rows of values below the header, found the header alone ({header.Length} column{(header.Length == 1 ? "" : "s")}). Add the values.");
        return new CsvTable(path, delimiter, header, rows, lines);
    }

    /// <summary>The place of the column of that name: exact first, then in any letter case.</summary>
    /// <param name="name">The name sought.</param>
    /// <param name="purpose">What for, in the message: "target".</param>
    /// <exception cref="InputException">No such column; the message lists those there are and suggests the nearest.</exception>
    public int Column(string name, string purpose)
    {
        for (int i = 0; i < Header.Count; i++) if (Header[i] == name) return i;
        int[] similar = [.. Enumerable.Range(0, Header.Count).Where(i => string.Equals(Header[i], name.Trim(), StringComparison.OrdinalIgnoreCase))];
        if (similar.Length == 1) return similar[0];
        string? nearest = NearestName.Find(name, Header);
        string way = nearest is null ? "Choose one of them." : $"Did you mean '{nearest}'?";
        throw new InputException($"{Path}: no {purpose} column '{name}'. The columns are {Listed(Header)}. {way}");
    }

    private static string[] CheckedHeader(string path, int line, string[] cells, char delimiter)
    {
        if (cells.All(cell => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
            throw new InputException($"{path}, line {line}: expected a header with column names, found numbers ('{string.Join(delimiter, cells.Take(4))}{(cells.Length > 4 ? "…" : "")}'). Put a line with names above the values.");
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < cells.Length; i++)
        {
            if (cells[i].Length == 0) cells[i] = $"column {i + 1}";
            if (!places.TryAdd(cells[i], i))
                throw new InputException($"{path}, line {line}: expected different column names, found '{cells[i]}' as columns {places[cells[i]] + 1} and {i + 1}. Rename one.");
        }
        return cells;
    }

    private static void AddEmpty(List<string[]> rows, List<int> lines, List<int> blank)
    {
        foreach (int line in blank)
        {
            rows.Add([""]);
            lines.Add(line);
        }
    }

    private static string Listed(IReadOnlyList<string> names)
    {
        const int Most = 20;
        string listed = string.Join(", ", names.Take(Most).Select(name => $"'{name}'"));
        return names.Count <= Most ? listed : $"{listed} and {names.Count - Most} more";
    }
}
