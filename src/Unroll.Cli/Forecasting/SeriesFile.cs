using Unroll.Cli.Csv;
using Unroll.Cli.Runs;
using Unroll.Data;

namespace Unroll.Cli.Forecasting;

/// <summary>A CSV file's series, ready for a forecaster.</summary>
internal sealed class SeriesFile
{
    /// <summary>The path as it was given.</summary>
    public required string Path { get; init; }

    /// <summary>The columns read, date column and labels as found.</summary>
    public required SeriesColumns Columns { get; init; }

    /// <summary>The series, named by their id, or by the target column where there is one series.</summary>
    public required IReadOnlyList<TimeSeries> Series { get; init; }

    /// <summary>What a user should be told of how the file was understood.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What the file held: "sha256:" and its hash.</summary>
    public required string Hash { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="columns">Which columns, and what is done with missing values.</param>
    /// <exception cref="InputException">The file, a column or a cell is not as expected.</exception>
    public static SeriesFile Read(string path, SeriesColumns columns) => Read(CsvTable.Read(path), columns);

    /// <summary>Reads a file for a model that was trained on another with those columns.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="columns">The columns trained with.</param>
    /// <param name="model">The model's path, for messages.</param>
    /// <exception cref="InputException">A column is absent, or a cell is not as expected.</exception>
    public static SeriesFile ReadFor(string path, SeriesColumns columns, string model)
    {
        CsvTable table = CsvTable.Read(path);
        string[] absent = [.. columns.Names.Where(name => !table.Header.Contains(name, StringComparer.OrdinalIgnoreCase))];
        if (absent.Length > 0)
        {
            throw new InputException($"{path}: expected the columns that the model {model} was trained with, {Quoted(columns.Names)}; found {Quoted(table.Header)}, "
                + $"without {Quoted(absent)}. Rename or add the column{(absent.Length == 1 ? "" : "s")}, or train anew on this file.");
        }
        return Read(table, columns);
    }

    private static SeriesFile Read(CsvTable table, SeriesColumns columns)
    {
        CsvSeriesSet set = CsvSeriesReader.Read(table, new CsvSeriesOptions
        {
            Target = columns.Target,
            Date = columns.Date,
            Covariates = columns.Covariates,
            SeriesId = columns.SeriesId,
            RefuseMissing = columns.Missing == MissingValuePolicy.Refuse,
            Codings = columns.Codings,
        });
        var series = new List<TimeSeries>();
        foreach (CsvSeries one in set.Series)
        {
            try
            {
                Covariate[] covariates = [.. one.Covariates.Select((values, c) => new Covariate(set.Covariates[c], values, missing: columns.Missing))];
                series.Add(new TimeSeries(one.Id.Length == 0 ? set.Target : one.Id, one.Target, covariates, one.Dates, columns.Missing));
            }
            catch (ArgumentException cause)
            {
                throw Wrong(table.Path, cause);
            }
        }
        return new SeriesFile
        {
            Path = table.Path,
            Columns = columns with { Target = set.Target, Date = set.Date, Covariates = set.Covariates, Codings = set.Codings },
            Series = series,
            Notes = set.Notes,
            Hash = FileHash.Of(table.Path),
        };
    }

    /// <summary>What the library says of a series, with the file before it and without the parameter's name behind it.</summary>
    public static InputException Wrong(string path, ArgumentException cause, string addition = "")
    {
        string message = cause.ParamName is string name ? cause.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : cause.Message;
        return new InputException($"{path}: {message}{addition}", cause);
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
