using System.Text.Json.Nodes;
using Unroll.Cli.Runs;
using Unroll.Tasks;

namespace Unroll.Cli.Comparison;

/// <summary>One comparison to be done: on what, of which networks, how, and where its files go.</summary>
internal sealed record ComparisonJob
{
    /// <summary>What is compared on, for headings: "classification of questions.csv".</summary>
    public required string Title { get; init; }

    /// <summary>The examples.</summary>
    public required ComparisonTask Task { get; init; }

    /// <summary>How each network is trained.</summary>
    public required ComparisonOptions Options { get; init; }

    /// <summary>The networks, in their order.</summary>
    public required IReadOnlyList<ComparedModel> Models { get; init; }

    /// <summary>What decides the examples, as JSON: the file's hash and how it was read.</summary>
    public required JsonObject Data { get; init; }

    /// <summary>Where the files go.</summary>
    public required RunFolder Folder { get; init; }

    /// <summary>Sentences about the data, and figures to hold the results against. Default none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether networks whose result is in the folder are left as they are.</summary>
    public bool Resume { get; init; }

    /// <summary>Everything that decides the results but for the list of networks, which a resumed run may change.</summary>
    public JsonObject Configuration() => new()
    {
        ["task"] = "compare",
        ["data"] = Data.DeepClone(),
        ["options"] = new JsonObject
        {
            ["units"] = Options.Units,
            ["learning_rates"] = new JsonArray([.. Options.LearningRates.Select(rate => (JsonNode)JsonValue.Create(rate))]),
            ["epochs"] = Options.Epochs,
            ["patience"] = Options.Patience,
            ["batch_size"] = Options.BatchSize,
            ["seed"] = Options.Seed,
            ["seeds"] = Options.Seeds,
        },
    };
}
