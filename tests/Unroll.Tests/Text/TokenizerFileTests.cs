using System.Text.Json.Nodes;
using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class TokenizerFileTests
{
    private const string Sample = "The lowest   prices, won't last: 12½ € 👍🏽 e\u0301";

    private static Tokenizer[] Tokenizers { get; } =
    [
        CharacterTokenizer.FromTexts([Sample], CharacterUnit.Grapheme, special: new SpecialTokens { Others = ["[MASK]"] }),
        WordTokenizer.FromTexts([Sample], WordSplitting.Whitespace, lowerCase: true),
        new ByteTokenizer { LoneSurrogates = LoneSurrogates.Replace },
        BytePairTokenizer.Train([Sample + Sample], 30),
        new WordPieceTokenizer(new Vocabulary(SpecialTokens.Bert).Grown(["The", "low", "##est", ","]), lowerCase: false) { LongestWord = 7 },
    ];

    public static TheoryData<string> Kinds => [.. TokenizerCatalogue.Makers.Keys];

    [Fact]
    public void Every_kind_is_in_the_catalogue()
    {
        Assert.Equal(TokenizerCatalogue.Makers.Keys.Order(), Tokenizers.Select(tokenizer => tokenizer.Kind).Order());
        Assert.Equal(typeof(Tokenizer).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(Tokenizer))), TokenizerCatalogue.Makers.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_tokenizer_that_is_read_back_does_the_same(string kind)
    {
        Tokenizer tokenizer = Tokenizers.Single(one => one.Kind == kind);
        using var folder = new TemporaryFolder();
        tokenizer.Save(folder["one"]);
        Tokenizer read = Tokenizer.Load(folder["one"]);
        Assert.Equal(tokenizer.GetType(), read.GetType());
        Assert.Equal(tokenizer.LoneSurrogates, read.LoneSurrogates);
        Assert.Equal(tokenizer.Vocabulary.Tokens, read.Vocabulary.Tokens);
        int[] ids = tokenizer.Encode(Sample);
        Assert.NotEmpty(ids.Except([1]));
        Assert.Equal(ids, read.Encode(Sample));
        Assert.Equal(tokenizer.Decode(ids), read.Decode(ids));
        read.Save(folder["two"]);
        Assert.Equal(File.ReadAllBytes(folder["one"]), File.ReadAllBytes(folder["two"]));
    }

    /// <summary>The message for a saved tokenizer with something changed.</summary>
    private static string MessageAfter(Tokenizer tokenizer, Action<JsonObject> change)
    {
        JsonObject description = TokenizerCatalogue.Describe(tokenizer);
        description["format"] = "unroll-tokenizer";
        description["format_version"] = 1;
        change(description);
        using var file = new TemporaryFile(description.ToJsonString(), ".json");
        return Assert.Throws<TextFileException>(() => Tokenizer.Load(file.Path)).Message;
    }

    private static void AssertRefused(string message, Tokenizer tokenizer, Action<JsonObject> change) =>
        Assert.Contains(message, MessageAfter(tokenizer, change), StringComparison.Ordinal);

    [Fact]
    public void A_hostile_description_is_refused()
    {
        (Tokenizer words, Tokenizer bytes, Tokenizer pairs) = (Tokenizers[1], Tokenizers[2], Tokenizers[3]);
        AssertRefused("'kind' is missing", words, json => json.Remove("kind"));
        AssertRefused("Tokenizer kind 'no' is not known; expected one of: byte_pairs", words, json => json["kind"] = "no");
        AssertRefused("'configuration' is missing", words, json => json["configuration"] = 1);
        AssertRefused("'vocabulary' is missing", words, json => json.Remove("vocabulary"));
        AssertRefused("Tokenizer kind 'words': the setting 'lower_case' is missing; expected true or false", words, json => json["configuration"]!.AsObject().Remove("lower_case"));
        AssertRefused("the setting 'splitting' is \"no\"; expected one of Words, Whitespace", words, json => json["configuration"]!["splitting"] = "no");
        AssertRefused("'Ġ' for the byte 0x20", bytes, json => json["vocabulary"]!["tokens"]!.AsArray().RemoveAt(4 + 32));
        AssertRefused("token 260, '€', is neither special nor written", bytes, json => json["vocabulary"]!["tokens"]!.AsArray().Add("€"));
        AssertRefused("merge 0 is 'a'; expected two tokens", pairs, json => json["configuration"]!["merges"]![0] = "a");
        AssertRefused("merge 0 joins 'xyz', which is neither", pairs, json => json["configuration"]!["merges"]![0] = "xyz b");
        AssertRefused("merge 0 gives 'xy', which is no token", pairs, json => json["configuration"]!["merges"]![0] = "x y");
        AssertRefused("which an earlier merge gives already", pairs, json => json["configuration"]!["merges"]!.AsArray().Add(json["configuration"]!["merges"]![0]!.DeepClone()));
        AssertRefused("at least 1 character, received 0", Tokenizers[4], json => json["configuration"]!["longest_word"] = 0);
    }
}
