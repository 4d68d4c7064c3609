using Unroll.Basics;
using Unroll.Tensors;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class TokenizerTests
{
    private static WordTokenizer Words { get; } = WordTokenizer.FromTexts(["a b c"]);

    [Fact]
    public void Special_tokens_stand_around_the_text_and_the_limit_counts_them()
    {
        Assert.Equal([4, 5, 6], Words.Encode("a b c"));
        Assert.Equal([2, 4, 5, 6, 3], Words.Encode("a b c", beginning: true, end: true));
        Assert.Equal([2, 4, 5, 3], Words.Encode("a b c", beginning: true, end: true, maximumLength: 4));
        Assert.Equal([2, 3], Words.Encode("a b c", beginning: true, end: true, maximumLength: 2));
        Assert.Equal([], Words.Encode("a b c", maximumLength: 0));
        Assert.Equal([2, 3], Words.Encode("", beginning: true, end: true));
        Assert.Contains("at least 2", Assert.Throws<ArgumentOutOfRangeException>(() => Words.Encode("", true, true, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 0", Assert.Throws<ArgumentOutOfRangeException>(() => Words.Encode("", maximumLength: -1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Offsets_say_where_a_token_stands_and_whether_the_text_was_cut()
    {
        TokenizedText text = Words.EncodeWithOffsets(" a  x c", beginning: true, end: true, maximumLength: 4);
        Assert.Equal([2, 4, 1, 3], text.Ids);
        Assert.Equal([new(0, 0), new(1, 1), new(4, 1), new(5, 0)], text.Spans);
        Assert.True(text.IsTruncated);
        Assert.Equal("x", text.Spans[2].Of(" a  x c"));
        Assert.False(Words.EncodeWithOffsets(" a  x c", maximumLength: 3).IsTruncated);
    }

    [Fact]
    public void A_batch_is_padded_with_lengths()
    {
        Tensor batch = Words.EncodeBatch(["a", "", "c b x"], end: true);
        Assert.Equal(new Shape(3, 4), batch.Shape);
        Assert.Equal([2, 1, 4], batch.Lengths.ToArray());
        Assert.Equal([4, 3, 0, 0, 3, 0, 0, 0, 6, 5, 1, 3], batch.ToArray());
        Assert.Contains("'words', text 1: ", Assert.Throws<ArgumentException>(() => Words.EncodeBatch(["a", "\uDC00"])).Message, StringComparison.Ordinal);
        Assert.Contains("text 1: ", Assert.Throws<ArgumentNullException>(() => Words.EncodeBatch(["a", null!])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Words.EncodeBatch([]));
    }

    [Fact]
    public void Decoding_leaves_special_tokens_out_except_the_unknown()
    {
        Assert.Equal("a <unk> b", Words.Decode([2, 4, 1, 5, 3, 0]));
        Assert.Equal("<bos> a <eos> <pad>", Words.Decode([2, 4, 3, 0], specialTokens: true));
        Assert.Equal("", Words.Decode([]));
        Assert.Contains("from 0 to 6, received 7", Assert.Throws<ArgumentOutOfRangeException>(() => Words.Decode([4, 7])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_vocabulary_lacks_is_said()
    {
        var bare = new WordTokenizer(new Vocabulary(["a"], new SpecialTokens { Padding = null, Unknown = null, Beginning = null, End = null }));
        Assert.Contains("no token 'b' and no special token for the unknown", Assert.Throws<ArgumentException>(() => bare.Encode("a b")).Message, StringComparison.Ordinal);
        Assert.Contains("for the end", Assert.Throws<ArgumentException>(() => bare.Encode("a", end: true)).Message, StringComparison.Ordinal);
        Assert.Contains("for the beginning", Assert.Throws<ArgumentException>(() => bare.Encode("a", beginning: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 2, "U+D83D", "ab\uFFFD")]
    [InlineData(1, 0, "U+DE00", "\uFFFD\uD83D\uDE00")]
    [InlineData(2, 0, "U+D83D", "\uFFFD\uD83D\uDE00\uFFFD")]
    public void Half_a_surrogate_pair_is_refused_or_replaced(int which, int at, string unit, string replaced)
    {
        // An attribute cannot hold halves.
        string text = new[] { "ab\uD83D", "\uDE00\uD83D\uDE00", "\uD83D\uD83D\uDE00\uDE00" }[which];
        string message = Assert.Throws<ArgumentException>(() => new ByteTokenizer().Encode(text)).Message;
        Assert.Contains($"({unit}) at index {at}", message, StringComparison.Ordinal);
        var lenient = new ByteTokenizer { LoneSurrogates = LoneSurrogates.Replace };
        Assert.Equal(replaced, lenient.Decode(lenient.Encode(text)));
        Assert.Contains("Text 1: ", Assert.Throws<ArgumentException>(() => CharacterTokenizer.FromTexts(["a", text])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Characters_are_runes_or_graphemes()
    {
        const string text = "e\u0301👨‍👩‍👧e\u0301";
        CharacterTokenizer runes = CharacterTokenizer.FromTexts([text]), graphemes = CharacterTokenizer.FromTexts([text], CharacterUnit.Grapheme);
        Assert.Equal(["e", "\u0301", "\u200D", "👧", "👨", "👩"], runes.Vocabulary.Tokens.Skip(4));
        Assert.Equal(9, runes.Encode(text).Length);
        Assert.Equal([4, 5, 4], graphemes.Encode(text));
        Assert.Equal(["e\u0301", "👨‍👩‍👧"], graphemes.Vocabulary.Tokens.Skip(4));
        Assert.Equal([new(0, 2), new(2, 8), new(10, 2)], graphemes.EncodeWithOffsets(text).Spans);
        foreach (CharacterTokenizer tokenizer in new[] { runes, graphemes }) Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal([1], graphemes.Encode("e\u0302"));
    }

    [Theory]
    [InlineData("Don't, 'stop' it's 5.30 O’Neil's rock'n'roll!", new[] { "Don't", ",", "'", "stop", "'", "it's", "5", ".", "30", "O’Neil's", "rock'n'roll", "!" })]
    [InlineData("naïve e\u0301te\u0301\tx²…a''b", new[] { "naïve", "e\u0301te\u0301", "x²", "…", "a", "'", "'", "b" })]
    [InlineData("привет,мир 你好 👍🏽ok \u00A0", new[] { "привет", ",", "мир", "你好", "👍", "🏽", "ok" })]
    public void Words_are_runs_of_letters_digits_and_inner_apostrophes(string text, string[] words)
    {
        WordTokenizer tokenizer = WordTokenizer.FromTexts([text]);
        TokenizedText tokens = tokenizer.EncodeWithOffsets(text);
        Assert.Equal(words, tokens.Ids.Select(tokenizer.Vocabulary.TokenOf));
        Assert.Equal(words, tokens.Spans.Select(span => span.Of(text)));
        Assert.Equal(string.Join(' ', words), tokenizer.Decode(tokens.Ids));
    }

    [Fact]
    public void Words_between_whitespace_and_in_lower_case()
    {
        WordTokenizer tokenizer = WordTokenizer.FromTexts(["The  the, THE\nÄ <unk> <eos>"], WordSplitting.Whitespace, lowerCase: true);
        Assert.Equal(["the", "the,", "ä"], tokenizer.Vocabulary.Tokens.Skip(4));
        Assert.Equal([4, 5, 4, 6], tokenizer.Encode("tHE THE, the Ä"));
        Assert.Equal([1, 1, 4], tokenizer.Encode("<eos> <unk> the")); // what is written like a special token is a word that is unknown
        Assert.Equal([1, 1, 1], new WordTokenizer(Words.Vocabulary).Encode("A B C"));
    }

    [Fact]
    public void Places_are_those_of_random_texts_whatever_the_kind()
    {
        Tokenizer[] tokenizers =
        [
            CharacterTokenizer.FromTexts(RandomTexts.Some(200, 1)), CharacterTokenizer.FromTexts(RandomTexts.Some(200, 1), CharacterUnit.Grapheme),
            WordTokenizer.FromTexts(RandomTexts.Some(200, 1)), WordTokenizer.FromTexts(RandomTexts.Some(200, 1), WordSplitting.Whitespace),
        ];
        foreach (Tokenizer tokenizer in tokenizers)
        {
            foreach (string text in RandomTexts.Some(200, 1))
            {
                TokenizedText tokens = tokenizer.EncodeWithOffsets(text);
                Assert.Equal(tokens.Ids.Select(tokenizer.Vocabulary.TokenOf), tokens.Ids.Zip(tokens.Spans, (id, span) => tokenizer.Vocabulary.IsSpecial(id) ? tokenizer.Vocabulary.TokenOf(id) : span.Of(text)));
                Assert.All(tokens.Spans.Zip(tokens.Spans.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
                if (tokenizer is CharacterTokenizer) Assert.Equal(text, tokenizer.Decode(tokens.Ids));
            }
        }
    }
}
