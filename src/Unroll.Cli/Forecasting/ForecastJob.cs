using System.Text.Json.Nodes;
using Unroll.Cli.Runs;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Forecasting;

/// <summary>One training to be done: on what, how, and where its files go.</summary>
internal sealed record ForecastJob
{
    /// <summary>What is forecast, for headings.</summary>
    public required string Title { get; init; }

    /// <summary>Where the data came from, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>The whole series, the rows held out included.</summary>
    public required IReadOnlyList<TimeSeries> Series { get; init; }

    /// <summary>How many rows at each series' end training does not see; 0 for none.</summary>
    public required IReadOnlyList<int> TestRows { get; init; }

    /// <summary>How the forecaster is made.</summary>
    public required ForecastOptions Options { get; init; }

    /// <summary>Where the files go.</summary>
    public required RunFolder Folder { get; init; }

    /// <summary>Which columns of a CSV file the model reads.</summary>
    public required SeriesColumns Columns { get; init; }

    /// <summary>What the data was: its hash, or the name of the generator.</summary>
    public required string Data { get; init; }

    /// <summary>How the data was understood, a sentence each. Default none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether to go on from the folder's checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Steps between checkpoints within an epoch; 0 for the ends of epochs alone.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>Everything that decides the trained bits, as JSON.</summary>
    public JsonObject Configuration() => new()
    {
        ["task"] = "forecast",
        ["columns"] = Columns.ToJson(),
        ["data"] = Data,
        ["test_rows"] = new JsonArray([.. TestRows.Select(rows => (JsonNode)JsonValue.Create(rows))]),
        ["options"] = new JsonObject
        {
            ["horizon"] = Options.Horizon,
            ["input_length"] = Options.InputLength,
            ["cell"] = Options.Cell.ToString(),
            ["units"] = Options.Units,
            ["layers"] = Options.Layers,
            ["dropout"] = Options.Dropout,
            ["epochs"] = Options.Epochs,
            ["batch_size"] = Options.BatchSize,
            ["learning_rate"] = Options.LearningRate,
            ["patience"] = Options.Patience,
            ["seed"] = Options.Seed,
        },
    };

    /// <summary>What the model file keeps beside the network: columns and provenance.</summary>
    public void WriteTo(JsonObject extras)
    {
        Columns.WriteTo(extras);
        JsonObject configuration = Configuration();
        configuration.Remove("columns");
        extras["provenance"] = configuration;
    }
}
