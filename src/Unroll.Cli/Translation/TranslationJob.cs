using System.Text.Json.Nodes;
using Unroll.Cli.Runs;
using Unroll.Tasks;

namespace Unroll.Cli.Translation;

/// <summary>One training of a translator to be done: on what, how, and where its files go.</summary>
internal sealed record TranslationJob
{
    /// <summary>The pairs to learn from.</summary>
    public required TextPair Train { get; init; }

    /// <summary>The pairs that choose the epoch.</summary>
    public required TextPair Validation { get; init; }

    /// <summary>The pairs to be scored on afterwards, or null for the validation pairs.</summary>
    public TextPair? Test { get; init; }

    /// <summary>How the translator is made and trained.</summary>
    public required TranslationOptions Options { get; init; }

    /// <summary>How many translations of a sentence are followed at once when it is scored.</summary>
    public required int Beam { get; init; }

    /// <summary>Where the files go.</summary>
    public required RunFolder Folder { get; init; }

    /// <summary>Whether to go on from the folder's checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Steps between checkpoints within an epoch; 0 for the ends of epochs alone.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>Everything that decides the trained bits, as JSON.</summary>
    public JsonObject Configuration() => new()
    {
        ["task"] = "translate",
        ["data"] = Train.Hash,
        ["validation"] = Validation.Hash,
        ["options"] = new JsonObject
        {
            ["cell"] = Options.Cell.ToString(),
            ["units"] = Options.Units,
            ["embedding_units"] = Options.EmbeddingUnits,
            ["encoder_layers"] = Options.EncoderLayers,
            ["decoder_layers"] = Options.DecoderLayers,
            ["input_feeding"] = Options.InputFeeding,
            ["merges"] = Options.Merges,
            ["lower_case"] = Options.LowerCase,
            ["maximum_length"] = Options.MaximumLength,
            ["dropout"] = Options.Dropout,
            ["label_smoothing"] = Options.LabelSmoothing,
            ["learning_rate"] = Options.LearningRate,
            ["epochs"] = Options.Epochs,
            ["batch_size"] = Options.BatchSize,
            ["patience"] = Options.Patience,
            ["seed"] = Options.Seed,
        },
    };
}
