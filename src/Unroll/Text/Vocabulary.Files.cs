using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Text;

public sealed partial class Vocabulary
{
    private const string Format = "unroll-vocabulary";

    /// <summary>Writes the vocabulary as JSON. Equal vocabularies give equal bytes; the file is replaced as a whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public void Save(string path) => JsonTextFile.Write(path, Format, Describe());

    /// <summary>Reads a vocabulary that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TextFileException">No such file, no vocabulary, a token that is none or comes twice, or a special token that is missing.</exception>
    public static Vocabulary Load(string path) => JsonTextFile.Read(path, Format, FromDescription);

    internal JsonObject Describe()
    {
        var tokens = new JsonArray();
        foreach (string token in _tokens) tokens.Add((JsonNode)JsonValue.Create(token));
        return new JsonObject { ["special_tokens"] = Special.Describe(), ["tokens"] = tokens };
    }

    /// <exception cref="InvalidDataException">A part that is missing or of another kind.</exception>
    /// <exception cref="ArgumentException">Tokens that make no vocabulary.</exception>
    internal static Vocabulary FromDescription(JsonObject description)
    {
        if (description["special_tokens"] is not JsonObject special) throw new InvalidDataException("Vocabulary: 'special_tokens' is missing or no object.");
        return new Vocabulary(new LayerSettings("tokens", description, "Vocabulary").Texts("tokens"), SpecialTokens.FromDescription(special));
    }
}
