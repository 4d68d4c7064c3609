using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Text;

/// <summary>Every kind of tokenizer that a file can name, with how to make it from its vocabulary and configuration.</summary>
internal static class TokenizerCatalogue
{
    /// <summary>Kind → maker. A test keeps this complete.</summary>
    public static IReadOnlyDictionary<string, Func<Vocabulary, JsonObject, Tokenizer>> Makers => s_makers;

    private static readonly Dictionary<string, Func<Vocabulary, JsonObject, Tokenizer>> s_makers = new(StringComparer.Ordinal)
    {
        [BytePairTokenizer.KindName] = BytePairTokenizer.FromConfiguration,
        [ByteTokenizer.KindName] = ByteTokenizer.FromConfiguration,
        [CharacterTokenizer.KindName] = CharacterTokenizer.FromConfiguration,
        [WordPieceTokenizer.KindName] = WordPieceTokenizer.FromConfiguration,
        [WordTokenizer.KindName] = WordTokenizer.FromConfiguration,
    };

    /// <summary>Kind, configuration and vocabulary as JSON.</summary>
    public static JsonObject Describe(Tokenizer tokenizer)
    {
        var configuration = new JsonObject { ["lone_surrogates"] = tokenizer.LoneSurrogates.ToString() };
        tokenizer.WriteConfiguration(configuration);
        return new JsonObject { ["kind"] = tokenizer.Kind, ["configuration"] = configuration, ["vocabulary"] = tokenizer.Vocabulary.Describe() };
    }

    /// <summary>Makes the tokenizer that a description says.</summary>
    /// <exception cref="InvalidDataException">A part that is missing or of another kind, an unknown kind, or what its maker refuses.</exception>
    public static Tokenizer Make(JsonObject description)
    {
        if (description["kind"] is not JsonValue value || !value.TryGetValue(out string? kind)) throw new InvalidDataException("Tokenizer: 'kind' is missing or no text.");
        if (!s_makers.TryGetValue(kind, out Func<Vocabulary, JsonObject, Tokenizer>? maker))
            throw new InvalidDataException($"Tokenizer kind {QuotedText.Of(kind)} is not known; expected one of: {string.Join(", ", s_makers.Keys)}. Was the file written by a newer version?");
        try
        {
            return maker(Vocabulary.FromDescription(Part(description, kind, "vocabulary")), Part(description, kind, "configuration"));
        }
        catch (ArgumentException refused)
        {
            throw new InvalidDataException($"Tokenizer kind '{kind}': {refused.Message}", refused);
        }
    }

    /// <summary>Reads the settings of a kind.</summary>
    public static LayerSettings Settings(string kind, JsonObject configuration) => new(kind, configuration, "Tokenizer kind");

    /// <summary>What every kind writes about lone surrogates.</summary>
    public static LoneSurrogates LoneSurrogates(this LayerSettings settings) => settings.Choice("lone_surrogates", Text.LoneSurrogates.Refuse);

    private static JsonObject Part(JsonObject description, string kind, string name) => description[name] as JsonObject
        ?? throw new InvalidDataException($"Tokenizer kind '{kind}': '{name}' is missing or no object.");
}
