using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Text;

/// <summary>
/// The tokens of a vocabulary that stand for no text, by what they are for. One that is null is not there. In a vocabulary that
/// is built they have the first ids, in the order of the properties: with the defaults <c>&lt;pad&gt;</c> is 0,
/// <c>&lt;unk&gt;</c> 1, <c>&lt;bos&gt;</c> 2 and <c>&lt;eos&gt;</c> 3.
/// </summary>
public sealed record SpecialTokens
{
    /// <summary>Fills sequences up. Default <c>&lt;pad&gt;</c>.</summary>
    public string? Padding { get; init; } = "<pad>";

    /// <summary>Stands for what the vocabulary does not have. Default <c>&lt;unk&gt;</c>.</summary>
    public string? Unknown { get; init; } = "<unk>";

    /// <summary>Stands before a sequence. Default <c>&lt;bos&gt;</c>.</summary>
    public string? Beginning { get; init; } = "<bos>";

    /// <summary>Stands behind a sequence. Default <c>&lt;eos&gt;</c>.</summary>
    public string? End { get; init; } = "<eos>";

    /// <summary>Any others, such as <c>[MASK]</c>. Default none.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>The names of BERT's published vocabularies: [PAD], [UNK], [CLS] at the beginning, [SEP] at the end, and [MASK].</summary>
    public static SpecialTokens Bert { get; } = new() { Padding = "[PAD]", Unknown = "[UNK]", Beginning = "[CLS]", End = "[SEP]", Others = ["[MASK]"] };

    /// <summary>Those that are there, in order.</summary>
    internal IEnumerable<string> All => new[] { Padding, Unknown, Beginning, End }.OfType<string>().Concat(Others);

    internal JsonObject Describe()
    {
        var description = new JsonObject();
        if (Padding is not null) description["padding"] = Padding;
        if (Unknown is not null) description["unknown"] = Unknown;
        if (Beginning is not null) description["beginning"] = Beginning;
        if (End is not null) description["end"] = End;
        if (Others.Count > 0) description["others"] = new JsonArray([.. Others.Select(token => (JsonNode)JsonValue.Create(token))]);
        return description;
    }

    /// <exception cref="InvalidDataException">A setting of another kind than a text, or others than a list of texts.</exception>
    internal static SpecialTokens FromDescription(JsonObject description)
    {
        var settings = new LayerSettings("special_tokens", description, "Vocabulary");
        string? Optional(string name) => description.ContainsKey(name) ? settings.Text(name) : null;
        return new SpecialTokens
        {
            Padding = Optional("padding"),
            Unknown = Optional("unknown"),
            Beginning = Optional("beginning"),
            End = Optional("end"),
            Others = description.ContainsKey("others") ? settings.Texts("others") : [],
        };
    }
}
