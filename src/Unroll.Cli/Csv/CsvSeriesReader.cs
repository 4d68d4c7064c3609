using System.Globalization;

namespace Unroll.Cli.Csv;

/// <summary>Turns columns of a <see cref="CsvTable"/> into series of numbers.</summary>
internal sealed class CsvSeriesReader
{
    private readonly CsvTable _table;
    private readonly CsvSeriesOptions _options;
    private readonly List<MissingCell> _missing = [];
    private readonly List<TextCoding> _codings = [];

    private CsvSeriesReader(CsvTable table, CsvSeriesOptions options) => (_table, _options) = (table, options);

    /// <summary>Reads a file's series.</summary>
    /// <exception cref="InputException">A column is not there, or a cell is not what its column should hold.</exception>
    public static CsvSeriesSet Read(string path, CsvSeriesOptions options) => Read(CsvTable.Read(path), options);

    /// <inheritdoc cref="Read(string, CsvSeriesOptions)"/>
    public static CsvSeriesSet Read(CsvTable table, CsvSeriesOptions options) => new CsvSeriesReader(table, options).Read();

    private CsvSeriesSet Read()
    {
        int target = _table.Column(_options.Target, "target");
        int[] covariates = [.. _options.Covariates.Select(name => _table.Column(name, "covariate"))];
        int? id = _options.SeriesId is string seriesId ? _table.Column(seriesId, "series") : null;
        int? date = _options.Date is string named ? _table.Column(named, "date") : DetectDate([target, .. covariates, .. id is int i ? [i] : Array.Empty<int>()]);
        CheckDifferent(target, covariates, id, date);

        DateTime[]? dates = date is int dateColumn ? ReadDates(dateColumn) : null;
        float[] values = ReadNumbers(target);
        float[][] inputs = [.. covariates.Select(ReadCovariate)];
        CsvSeries[] series = [.. Groups(id).Select(group => Build(group.Key, group.Value, values, dates, inputs))];
        foreach (CsvSeries one in series) Check(one, date);
        return new CsvSeriesSet
        {
            Path = _table.Path,
            Series = series,
            Target = _table.Header[target],
            Date = date is int d ? _table.Header[d] : null,
            Covariates = [.. covariates.Select(c => _table.Header[c])],
            Codings = _codings,
            Missing = [.. _missing.OrderBy(cell => cell.Line)],
            Notes = Notes(date),
        };
    }

    // More than half of the cells: a single wrong date is then reported with its line, instead of the column being passed over.
    private int? DetectDate(int[] others)
    {
        for (int column = 0; column < _table.Header.Count; column++)
        {
            if (others.Contains(column)) continue;
            string[] cells = Cells(column);
            int dates = cells.Count(cell => CsvDates.TryParse(cell, out _));
            if (dates * 2 > cells.Length && !CsvDates.AreAmbiguous(cells)) return column;
        }
        return null;
    }

    private DateTime[] ReadDates(int column)
    {
        string[] cells = Cells(column);
        if (CsvDates.AreAmbiguous(cells))
            throw new InputException($"{_table.Path}, column '{_table.Header[column]}': dates like '{cells[0]}' can be read day first or month first. Write them as yyyy-MM-dd.");
        var dates = new DateTime[cells.Length];
        for (int row = 0; row < dates.Length; row++)
        {
            if (!CsvDates.TryParse(cells[row], out dates[row]))
                throw Wrong(row, column, $"a date ({CsvDates.Accepted})", "Correct the cell, or remove the row.");
        }
        return dates;
    }

    private float[] ReadNumbers(int column)
    {
        var values = new float[_table.RowCount];
        for (int row = 0; row < values.Length; row++)
        {
            switch (CsvNumber.Parse(_table.Cell(row, column), out values[row]))
            {
                case CsvNumberKind.Missing: AddMissing(row, column); break;
                case CsvNumberKind.Infinite: throw Wrong(row, column, "a finite number below 3.4e38", "Correct the cell, or leave it empty if the value is missing.");
                case CsvNumberKind.Text: throw NotANumber(row, column);
            }
        }
        return values;
    }

    private float[] ReadCovariate(int column)
    {
        string[] cells = Cells(column);
        TextCoding? known = _options.Codings.FirstOrDefault(coding => coding.Column == _table.Header[column]);
        string[] present = [.. cells.Where(cell => !CsvNumber.IsMissing(cell))];
        bool text = present.Length > 0 && present.All(cell => CsvNumber.Parse(cell, out _) == CsvNumberKind.Text);
        // A number a date would tell the network nothing: every row has another.
        if (known is null && text && present.All(cell => CsvDates.TryParse(cell, out _)))
            throw new InputException($"{_table.Path}, column '{_table.Header[column]}': expected numbers or labels in a covariate, found dates ('{present[0]}'). Name it as the date column instead; waves of the calendar are made from it.");
        return known is not null || text ? ReadLabels(column, known) : ReadNumbers(column);
    }

    private float[] ReadLabels(int column, TextCoding? known)
    {
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string label in known?.Labels ?? []) codes.Add(label, codes.Count);
        var values = new float[_table.RowCount];
        for (int row = 0; row < values.Length; row++)
        {
            string cell = _table.Cell(row, column);
            values[row] = float.NaN;
            if (codes.TryGetValue(cell, out int code)) values[row] = code;
            else if (CsvNumber.IsMissing(cell)) AddMissing(row, column);
            else if (known is not null) throw Wrong(row, column, $"one of the {known.Labels.Count} labels that the model was trained with", "Correct the cell, or train anew with it.");
            else
            {
                values[row] = codes.Count;
                codes.Add(cell, codes.Count);
            }
        }
        _codings.Add(known ?? new TextCoding(_table.Header[column], [.. codes.OrderBy(pair => pair.Value).Select(pair => pair.Key)]));
        return values;
    }

    private void AddMissing(int row, int column)
    {
        if (_options.RefuseMissing)
            throw Wrong(row, column, "a number", "Fill the cell in, or choose how missing values are treated.");
        _missing.Add(new MissingCell(_table.Line(row), _table.Header[column]));
    }

    private List<KeyValuePair<string, List<int>>> Groups(int? id)
    {
        var groups = new List<KeyValuePair<string, List<int>>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int row = 0; row < _table.RowCount; row++)
        {
            string name = id is int column ? _table.Cell(row, column) : "";
            if (id is int named && name.Length == 0) throw Wrong(row, named, "the name of a series", "Fill the cell in.");
            if (!places.TryGetValue(name, out int place))
            {
                places.Add(name, place = groups.Count);
                groups.Add(new(name, []));
            }
            groups[place].Value.Add(row);
        }
        return groups;
    }

    private CsvSeries Build(string id, List<int> rows, float[] values, DateTime[]? dates, float[][] inputs) => new()
    {
        Id = id,
        Target = [.. rows.Select(row => values[row])],
        Dates = dates is null ? null : [.. rows.Select(row => dates[row])],
        Covariates = [.. inputs.Select(input => rows.Select(row => input[row]).ToArray())],
        Lines = [.. rows.Select(_table.Line)],
    };

    private void Check(CsvSeries series, int? dateColumn)
    {
        string which = series.Id.Length == 0 ? "" : $", series '{series.Id}'";
        if (series.Length < _options.MinimumRows)
            throw new InputException($"{_table.Path}{which}: expected at least {_options.MinimumRows} rows of values, found {series.Length} (line {series.Lines[0]}). Give more rows.");
        if (series.Target.All(float.IsNaN))
            throw new InputException($"{_table.Path}{which}: expected numbers in the target column '{_options.Target}', found none; all {series.Length} cells are empty. Choose another column.");
        for (int i = 1; series.Dates is DateTime[] dates && i < dates.Length; i++)
        {
            if (dates[i] > dates[i - 1]) continue;
            throw new InputException($"{_table.Path}{which}, line {series.Lines[i]}, column '{_table.Header[dateColumn!.Value]}': expected a date after {Written(dates[i - 1])} (line {series.Lines[i - 1]}), found {Written(dates[i])}. "
                + (series.Id.Length > 0 ? "Sort the rows by date, one row a date." : "Sort the rows by date, one row a date; if the file holds several series, name the column that tells them apart."));
        }
    }

    private void CheckDifferent(int target, int[] covariates, int? id, int? date)
    {
        var uses = new Dictionary<int, string> { [target] = "target" };
        IEnumerable<(int Column, string Use)> others = [.. covariates.Select(column => (column, "covariate"))];
        if (id is int i) others = others.Append((i, "series"));
        if (date is int d) others = others.Append((d, "date"));
        foreach ((int column, string use) in others)
        {
            if (!uses.TryAdd(column, use))
                throw new InputException($"{_table.Path}: column '{_table.Header[column]}' is named as the {uses[column]} column and again as the {use} column. Name it once.");
        }
    }

    private List<string> Notes(int? date)
    {
        var notes = new List<string>();
        if (date is int column && _options.Date is null) notes.Add($"Column '{_table.Header[column]}' holds the dates.");
        foreach (TextCoding coding in _codings)
        {
            string labels = string.Join(", ", coding.Labels.Take(6).Select((label, code) => $"{label} = {code}"));
            notes.Add($"Column '{coding.Column}' holds text; its labels became numbers: {labels}{(coding.Labels.Count > 6 ? ", …" : "")}.");
        }
        foreach (IGrouping<string, MissingCell> cells in _missing.GroupBy(cell => cell.Column))
        {
            int count = cells.Count();
            string lines = string.Join(", ", cells.Take(6).Select(cell => cell.Line.ToString(CultureInfo.InvariantCulture)));
            notes.Add($"Column '{cells.Key}' has {count} missing value{(count == 1 ? "" : "s")} (line{(count == 1 ? "" : "s")} {lines}{(count > 6 ? ", …" : "")}).");
        }
        return notes;
    }

    private string[] Cells(int column) => [.. Enumerable.Range(0, _table.RowCount).Select(row => _table.Cell(row, column))];

    private InputException NotANumber(int row, int column)
    {
        string cell = _table.Cell(row, column);
        // 12,5 or 1,234: which of the two a comma means is the user's to say.
        bool comma = CsvNumber.Parse(cell.Replace(",", "", StringComparison.Ordinal), out _) == CsvNumberKind.Number;
        return Wrong(row, column, "a number", comma
            ? "Write a point before decimals and no separator of thousands."
            : "Correct the cell, or leave it empty if the value is missing.");
    }

    private InputException Wrong(int row, int column, string expected, string way)
    {
        string cell = _table.Cell(row, column);
        if (cell.Length > 40) cell = string.Concat(cell.AsSpan(0, 39), "…");
        string found = cell.Length == 0 ? "an empty cell" : $"'{cell.ReplaceLineEndings(" ")}'";
        return new InputException($"{_table.Path}, line {_table.Line(row)}, column '{_table.Header[column]}': expected {expected}, found {found}. {way}");
    }

    private static string Written(DateTime date) =>
        date.ToString(date.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
