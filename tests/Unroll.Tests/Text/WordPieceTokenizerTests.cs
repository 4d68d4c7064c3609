using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class WordPieceTokenizerTests
{
    /// <summary>The vocabulary and the results of the tests beside BERT's published code.</summary>
    private static readonly string[] s_published = ["[UNK]", "[CLS]", "[SEP]", "want", "##want", "##ed", "wa", "un", "runn", "##ing", ","];

    private static readonly SpecialTokens s_special = new() { Padding = null, Unknown = "[UNK]", Beginning = "[CLS]", End = "[SEP]" };

    private static readonly string[] s_example = [.. Enumerable.Repeat("low", 5), "lower lower", .. Enumerable.Repeat("newest", 6), "widest widest Widest"];

    private static string[] Tokens(Tokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(tokenizer.Vocabulary.TokenOf)];

    [Fact]
    public void Published_results()
    {
        using var file = new TemporaryFile(string.Join('\n', s_published) + "\n", ".txt");
        WordPieceTokenizer tokenizer = WordPieceTokenizer.FromFile(file.Path, special: s_special);
        Assert.Equal([7, 4, 5, 10, 8, 9], tokenizer.Encode("UNwant\u00E9d,running"));
        Assert.Equal([], tokenizer.Encode(""));
        Assert.Equal(["un", "##want", "##ed", "runn", "##ing"], Tokens(tokenizer, "unwanted running"));
        Assert.Equal(["[UNK]", "runn", "##ing"], Tokens(tokenizer, "unwantedX running"));
        Assert.Equal([1, 7, 4, 5, 2], tokenizer.Encode("unwanted", beginning: true, end: true));
        Assert.Equal("unwanted , running", tokenizer.Decode([1, 7, 4, 5, 10, 8, 9, 2]));
        var able = new WordPieceTokenizer(new Vocabulary(SpecialTokens.Bert).Grown(["un", "##aff", "##able", "##a", "una"]));
        Assert.Equal("[UNK]", Assert.Single(Tokens(able, "unaffable"))); // the longest first piece, una, leads nowhere: greedy does not go back
        var published = new WordPieceTokenizer(new Vocabulary(SpecialTokens.Bert).Grown(["un", "##aff", "##able", "##a"]));
        Assert.Equal(["un", "##aff", "##able"], Tokens(published, "unaffable"));
    }

    [Fact]
    public void Places_are_those_of_the_text_as_it_was()
    {
        var tokenizer = new WordPieceTokenizer(new Vocabulary(s_published, s_special));
        const string text = " UN\u00ADwante\u0301d,\0ru\u0301nn\u200Bing ";
        TokenizedText tokens = tokenizer.EncodeWithOffsets(text);
        Assert.Equal([7, 4, 5, 10, 8, 9], tokens.Ids);
        Assert.Equal(["UN", "want", "e\u0301d", ",", "ru\u0301nn", "ing"], tokens.Spans.Select(span => span.Of(text)));
    }

    [Theory]
    [InlineData("ah\u535A\u63A8zz", true, "ah|\u535A|\u63A8|zz")]
    [InlineData(" \tHeLLo!how  \n Are yoU?  ", true, "hello|!|how|are|you|?")]
    [InlineData("H\u00E9llo", true, "hello")]
    [InlineData(" \tHeLLo!how  \n Are yoU?  ", false, "HeLLo|!|how|Are|yoU|?")]
    [InlineData("H\u00E4llo", false, "H\u00E4llo")]
    [InlineData("[UNK]a$b`c~—„x“", true, "[|unk|]|a|$|b|`|c|~|—|„|x|“")]
    [InlineData("a\u00A0b\u2028c\u3000d\u0085e\u200Df\uFFFDg", true, "a|b|c|defg")]
    [InlineData("\u0301a", true, "a")]
    [InlineData("ÅŞỆ\u1E9B\u0323İ", true, "ase\u017Fi")]
    [InlineData("한", true, "\u1112\u1161\u11AB")]
    [InlineData("가", true, "\u1100\u1161")]
    [InlineData("\uF900\uFA0E\U0002F800x", true, "\u8C48|\uFA0E|\u4E3D|x")]
    [InlineData("が\u09CB", true, "か\u09C7\u09BE")]
    public void Text_is_cleaned_and_cut_as_published(string text, bool lowerCase, string words)
    {
        BertWords found = BertWords.Of(text, lowerCase);
        Assert.Equal(words.Split('|'), found.Words.Select(word => word.Of(found.Characters)));
    }

    /// <summary>Counts and sum over all characters, taken from the Unicode Character Database 14.</summary>
    [Fact]
    public void Every_canonical_decomposition_is_there()
    {
        var left = new List<System.Text.Rune>();
        long changed = 0, sum = 0;
        for (int code = 0; code < 0x110000; code++)
        {
            if (code is >= 0xD800 and < 0xE000) continue;
            left.Clear();
            CanonicalBases.Append(new System.Text.Rune(code), left);
            if (left.Count == 0 || (left.Count == 1 && left[0].Value == code)) continue;
            changed++;
            foreach (System.Text.Rune rune in left) sum = (sum * 31 + rune.Value + 7L * code) % 1_000_000_007;
        }
        Assert.Equal((13215L, 307743091L), (changed, sum));
    }

    [Fact]
    public void A_word_above_the_limit_is_unknown()
    {
        Vocabulary vocabulary = new Vocabulary(SpecialTokens.Bert).Grown(["a", "##a", "𝒳", "##𝒳"]);
        var tokenizer = new WordPieceTokenizer(vocabulary);
        Assert.Equal(100, tokenizer.Encode(new string('a', 100)).Length);
        Assert.Equal([1], tokenizer.Encode(new string('a', 101)));
        Assert.Equal(100, tokenizer.Encode(string.Concat(Enumerable.Repeat("𝒳", 100))).Length); // characters, not UTF-16 units
        Assert.Equal([1], new WordPieceTokenizer(vocabulary) { LongestWord = 2 }.Encode("aaa"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WordPieceTokenizer(vocabulary) { LongestWord = 0 });
    }

    /// <summary>
    /// The counts of Sennrich et al. 2016's example: low 5, lower 2, newest 6, widest 3. By hand: ##es and ##est (9), ##ow before low (7, # before l),
    /// of the sixes ##ew, ##ewest, newest, of the threes ##dest, ##idest, widest, of the twos ##er, lower.
    /// </summary>
    [Fact]
    public void Training_joins_the_most_frequent_pairs()
    {
        string[] characters = ["##d", "##e", "##i", "##o", "##r", "##s", "##t", "##w", "l", "n", "w"];
        string[] joined = ["##es", "##est", "##ow", "low", "##ew", "##ewest", "newest", "##dest", "##idest", "widest", "##er", "lower"];
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        WordPieceTokenizer all = WordPieceTokenizer.Train(s_example, 1000);
        Assert.Equal([.. special, .. characters, .. joined], all.Vocabulary.Tokens);
        Assert.Equal([.. special, .. characters], WordPieceTokenizer.Train(s_example, 16).Vocabulary.Tokens);
        Assert.Equal([.. special, .. characters, .. joined[..^2]], WordPieceTokenizer.Train(s_example, 1000, minimumCount: 3).Vocabulary.Tokens);

        WordPieceTokenizer tokenizer = WordPieceTokenizer.Train(s_example, 23);
        Assert.Equal([.. special, .. characters, .. joined[..7]], tokenizer.Vocabulary.Tokens);
        Assert.Equal(["low", "##est", "low", "##e", "##r", "newest", "n", "##ew", "##e", "##r", "[UNK]"], Tokens(tokenizer, "LOWEST lower newest newer xenon"));
        Assert.Equal("lowest lower", tokenizer.Decode(tokenizer.Encode("Lowest lower")));

        using var folder = new TemporaryFolder();
        tokenizer.Save(folder["pieces"]);
        Assert.Equal(tokenizer.Vocabulary.Tokens, Tokenizer.Load(folder["pieces"]).Vocabulary.Tokens);
        File.WriteAllLines(folder["vocab.txt"], tokenizer.Vocabulary.Tokens);
        Assert.Equal(tokenizer.Encode("widest low"), WordPieceTokenizer.FromFile(folder["vocab.txt"]).Encode("widest low"));
    }

    [Fact]
    public void Training_is_the_same_in_any_order_of_texts_and_leaves_capitals_where_it_is_told()
    {
        string[] texts = [.. s_example, "Lower, wider! \u00E9t\u00E9 𝒳𝒳 𝒳𝒳"];
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Train(texts, 1000), turned = WordPieceTokenizer.Train(texts.Reverse(), 1000);
        Assert.Equal(tokenizer.Vocabulary.Tokens, turned.Vocabulary.Tokens);
        Assert.Equal(["lower", ",", "widest", "!", "e", "##t", "##e", "𝒳𝒳"], Tokens(tokenizer, "Lower, widest! \u00E9t\u00E9 𝒳𝒳"));
        WordPieceTokenizer cased = WordPieceTokenizer.Train(texts, 1000, lowerCase: false);
        Assert.False(cased.LowerCase);
        Assert.Equal(["L", "##ow", "##er", "\u00E9", "##t", "##\u00E9"], Tokens(cased, "Lower \u00E9t\u00E9"));
    }

    [Fact]
    public void Training_refuses_too_small_a_size()
    {
        Assert.Contains("expected a size of at least 16, the 5 special tokens and the 11 characters of the texts, at a word's beginning and behind it, received 15.",
            Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTokenizer.Train(s_example, 15)).Message, StringComparison.Ordinal);
        Assert.Contains("minimum count of at least 1, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTokenizer.Train(s_example, 30, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("for the unknown, found none", Assert.Throws<ArgumentException>(() => WordPieceTokenizer.Train(s_example, 30, special: new SpecialTokens { Unknown = null })).Message, StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => WordPieceTokenizer.Train(s_example, 30, cancellation: new CancellationToken(true)));
    }

    [Theory]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\na\n", ", line 7: the piece 'a' stands in line 6 already")]
    [InlineData("[PAD]\n\n", ", line 2: expected a piece, found an empty line")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\n", ": Vocabulary: the special token '[MASK]' is not among the 4 tokens")]
    [InlineData("", ": Vocabulary: the special token '[PAD]' is not among the 0 tokens")]
    public void A_vocabulary_that_is_none_is_refused_with_its_line(string text, string message)
    {
        using var file = new TemporaryFile(text, ".txt");
        Assert.Contains(file.Path + message, Assert.Throws<TextFileException>(() => WordPieceTokenizer.FromFile(file.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new WordPieceTokenizer(new Vocabulary(new SpecialTokens { Unknown = null })));
    }
}
