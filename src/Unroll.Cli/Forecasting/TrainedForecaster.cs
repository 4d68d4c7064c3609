using System.Text.Json.Nodes;
using Unroll.Cli.Runs;
using Unroll.Tasks;

namespace Unroll.Cli.Forecasting;

/// <summary>A forecaster from a model file or a run folder, with what it remembers of its data.</summary>
internal sealed class TrainedForecaster
{
    private TrainedForecaster(string path, Forecaster forecaster, SeriesColumns columns) => (Path, Forecaster, Columns) = (path, forecaster, columns);

    /// <summary>The model file's path.</summary>
    public string Path { get; }

    /// <summary>The forecaster.</summary>
    public Forecaster Forecaster { get; }

    /// <summary>The columns of its CSV file.</summary>
    public SeriesColumns Columns { get; }

    /// <summary>How many rows at each series' end were held out of its training, if a file is the one that it was trained on; else null.</summary>
    public int[]? TestRowsOf(SeriesFile file) =>
        Forecaster.Model.Extras["provenance"] is JsonObject provenance && provenance["data"] is JsonValue data && data.TryGetValue(out string? hash) && hash == file.Hash
            && provenance["test_rows"] is JsonArray rows && rows.Count == file.Series.Count
            ? [.. rows.Select(count => count is JsonValue value && value.TryGetValue(out int number) ? number : 0)]
            : null;

    /// <summary>Reads a model.</summary>
    /// <exception cref="Files.ModelFileException">No such file, or no forecaster.</exception>
    /// <exception cref="InputException">A forecaster that was not trained from a CSV file.</exception>
    public static TrainedForecaster Open(string path)
    {
        string file = RunFolder.ModelIn(path);
        var forecaster = Forecaster.Load(file);
        SeriesColumns columns = SeriesColumns.ReadFrom(forecaster.Model.Extras, file)
            ?? throw new InputException($"{file}: expected a forecaster trained from a CSV file, found one without column names. Use it from C# with Forecaster.Load.");
        return new TrainedForecaster(file, forecaster, columns);
    }
}
