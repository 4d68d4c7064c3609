using System.Text.Json.Nodes;
using Unroll.Cli.Csv;
using Unroll.Data;

namespace Unroll.Cli.Forecasting;

/// <summary>Which columns of a CSV file a forecaster reads and how; kept in its model file.</summary>
internal sealed record SeriesColumns
{
    private const string Section = "columns";

    /// <summary>The words for what is done with a missing value, in the order of <see cref="MissingValuePolicy"/>.</summary>
    public static readonly string[] MissingWords = ["refuse", "previous", "linear", "zero"];

    /// <summary>The column to forecast.</summary>
    public required string Target { get; init; }

    /// <summary>The column of dates; null for none.</summary>
    public string? Date { get; init; }

    /// <summary>The columns that are inputs besides.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>The column that tells several series apart; null for one series.</summary>
    public string? SeriesId { get; init; }

    /// <summary>What is done with a missing value.</summary>
    public MissingValuePolicy Missing { get; init; }

    /// <summary>The covariates that hold text.</summary>
    public IReadOnlyList<TextCoding> Codings { get; init; } = [];

    /// <summary>All columns named here, in the order target, date, covariates, series.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            yield return Target;
            if (Date is not null) yield return Date;
            foreach (string covariate in Covariates) yield return covariate;
            if (SeriesId is not null) yield return SeriesId;
        }
    }

    /// <summary>The columns as JSON.</summary>
    public JsonObject ToJson()
    {
        var codings = new JsonObject();
        foreach (TextCoding coding in Codings) codings[coding.Column] = Texts(coding.Labels);
        return new JsonObject
        {
            ["target"] = Target,
            ["date"] = Date,
            ["covariates"] = Texts(Covariates),
            ["series_id"] = SeriesId,
            ["missing"] = MissingWords[(int)Missing],
            ["labels"] = codings,
        };
    }

    /// <summary>Writes the columns into a model's extras.</summary>
    public void WriteTo(JsonObject extras) => extras[Section] = ToJson();

    /// <summary>The columns in a model's extras; null where it was not trained from a CSV file.</summary>
    /// <exception cref="InputException">They cannot be read.</exception>
    public static SeriesColumns? ReadFrom(JsonObject extras, string model)
    {
        if (extras[Section] is null) return null;
        try
        {
            JsonObject section = extras[Section]!.AsObject();
            return new SeriesColumns
            {
                Target = section["target"]!.GetValue<string>(),
                Date = section["date"]?.GetValue<string>(),
                Covariates = Texts(section["covariates"]!),
                SeriesId = section["series_id"]?.GetValue<string>(),
                Missing = Policy(section["missing"]!.GetValue<string>()),
                Codings = [.. section["labels"]!.AsObject().Select(pair => new TextCoding(pair.Key, Texts(pair.Value!)))],
            };
        }
        catch (Exception cause) when (cause is InvalidOperationException or NullReferenceException or FormatException or ArgumentException)
        {
            throw new InputException($"{model}: what it says of its columns cannot be read. The file is damaged; train anew.", cause);
        }
    }

    /// <summary>The policy of a word of <see cref="MissingWords"/>, in any case.</summary>
    public static MissingValuePolicy Policy(string word)
    {
        int index = Array.FindIndex(MissingWords, known => string.Equals(known, word, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? (MissingValuePolicy)index : throw new ArgumentException($"'{word}' is not one of {string.Join(", ", MissingWords)}.");
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);

    private static string[] Texts(JsonNode texts) => [.. texts.AsArray().Select(text => text!.GetValue<string>())];
}
