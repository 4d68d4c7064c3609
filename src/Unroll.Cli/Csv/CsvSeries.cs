namespace Unroll.Cli.Csv;

/// <summary>One series of a CSV file: numbers in the order of its rows. A missing value is NaN.</summary>
internal sealed class CsvSeries
{
    /// <summary>What tells it from the other series in the file; empty when there is one.</summary>
    public required string Id { get; init; }

    /// <summary>The values to forecast [T].</summary>
    public required float[] Target { get; init; }

    /// <summary>When each was taken [T], strictly ascending; null when the file has no date column.</summary>
    public required DateTime[]? Dates { get; init; }

    /// <summary>One array [T] a covariate column, in the order asked for.</summary>
    public required float[][] Covariates { get; init; }

    /// <summary>The file's line of each row [T], for messages about it.</summary>
    public required int[] Lines { get; init; }

    /// <summary>How many rows there are, T.</summary>
    public int Length => Target.Length;
}

/// <summary>A cell without a value.</summary>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Column">Its column's name.</param>
internal readonly record struct MissingCell(int Line, string Column);

/// <summary>A covariate column of text: label number i is fed to the network as the number i.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Labels">The labels in the order in which the file first has them.</param>
internal sealed record TextCoding(string Column, IReadOnlyList<string> Labels);

/// <summary>Which columns of a file are read, and as what.</summary>
internal sealed record CsvSeriesOptions
{
    /// <summary>The column to forecast. Required.</summary>
    public required string Target { get; init; }

    /// <summary>The column of dates; null (the default) for the first column whose cells are dates, if there is one.</summary>
    public string? Date { get; init; }

    /// <summary>Columns that are inputs besides the target. Default none.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>The column that tells several series in one file apart; null (the default) for one series.</summary>
    public string? SeriesId { get; init; }

    /// <summary>Whether a missing cell is an error. Default no: it becomes NaN and is listed.</summary>
    public bool RefuseMissing { get; init; }

    /// <summary>The fewest rows a series may have. Default 2.</summary>
    public int MinimumRows { get; init; } = 2;

    /// <summary>How text columns were coded when the model was trained; the same numbers are given and another label is refused. Default none.</summary>
    public IReadOnlyList<TextCoding> Codings { get; init; } = [];
}

/// <summary>All that was read from a CSV file.</summary>
internal sealed class CsvSeriesSet
{
    /// <summary>The file's path as it was given.</summary>
    public required string Path { get; init; }

    /// <summary>The series in the order in which the file first has them; at least one.</summary>
    public required IReadOnlyList<CsvSeries> Series { get; init; }

    /// <summary>The target column's name as the file writes it.</summary>
    public required string Target { get; init; }

    /// <summary>The date column's name; null when there is none.</summary>
    public required string? Date { get; init; }

    /// <summary>The covariate columns' names as the file writes them.</summary>
    public required IReadOnlyList<string> Covariates { get; init; }

    /// <summary>The covariate columns that hold text, with their labels.</summary>
    public required IReadOnlyList<TextCoding> Codings { get; init; }

    /// <summary>The cells without a value among the target and the covariates, by line.</summary>
    public required IReadOnlyList<MissingCell> Missing { get; init; }

    /// <summary>What a user should be told of how the file was understood, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
