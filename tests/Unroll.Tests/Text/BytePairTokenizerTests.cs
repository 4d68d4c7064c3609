using System.Text;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class BytePairTokenizerTests
{
    private static string Repeated(params (string Word, int Count)[] words) =>
        string.Concat(words.Select(word => string.Concat(Enumerable.Repeat(word.Word, word.Count))));

    private static string[] Tokens(BytePairTokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(tokenizer.Vocabulary.TokenOf)];

    /// <summary>
    /// The example of Sennrich et al. 2016 (low 5, lower 2, newest 6, widest 3, from their listing). With a space before each word in place of
    /// their mark of its end: "es" and "est" (9), then "lo" and "low" (7), as in the paper without the mark; then by hand "Ġ low"
    /// (7), and of the sixes e w, ew est, n ewest, Ġ newest by ordinal order.
    /// </summary>
    [Fact]
    public void The_papers_example()
    {
        string text = Repeated((" low", 5), (" lower", 2), (" newest", 6), (" widest", 3));
        BytePairTokenizer tokenizer = BytePairTokenizer.Train([text], 9);
        Assert.Equal(["e s", "es t", "l o", "lo w", "Ġ low", "e w", "ew est", "n ewest", "Ġ newest"], tokenizer.Merges.Select(merge => merge.ToString()));
        Assert.Equal(["Ġlow", "est"], Tokens(tokenizer, " lowest"));
        Assert.Equal(["Ġlow", "e", "r", "Ġnewest"], Tokens(tokenizer, " lower newest"));
        Assert.Equal(4 + 256 + 9, tokenizer.Vocabulary.Count);
        Assert.Equal("es", tokenizer.Vocabulary.TokenOf(260));
    }

    [Fact]
    public void Pairs_that_come_as_often_are_taken_in_ordinal_order_whatever_the_order_of_the_texts()
    {
        string[] texts = ["zy", "ab", "ba", "ab zy", "ba"];
        string[] merges = ["a b", "b a", "z y"];
        Assert.Equal(merges, BytePairTokenizer.Train(texts, 10).Merges.Select(merge => merge.ToString()));
        Assert.Equal(merges, BytePairTokenizer.Train(texts.Reverse(), 10).Merges.Select(merge => merge.ToString()));
    }

    [Fact]
    public void Of_three_equal_tokens_the_first_two_are_joined()
    {
        BytePairTokenizer tokenizer = BytePairTokenizer.Train([Repeated(("aaaaa ", 4))], 2);
        Assert.Equal(["a a", "aa a"], tokenizer.Merges.Select(merge => merge.ToString()));
        Assert.Equal(["aa", "aa", "aaa"], Tokens(tokenizer, "aaaaaaa"));
    }

    [Theory]
    [InlineData(3, 200, 60)]
    [InlineData(4, 400, 150)]
    [InlineData(5, 50, 400)]
    public void Training_and_encoding_agree_with_counting_everything_anew_each_time(int seed, int texts, int merges)
    {
        // Few letters, so that pairs overlap and touch one another.
        var random = new Random(seed);
        string[] given = [.. Enumerable.Range(0, texts).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => "ab cä"[random.Next(5)])))];
        (List<BytePairMerge> expected, Dictionary<string, List<string>> words) = PlainBytePairs.Train(given, merges);
        BytePairTokenizer tokenizer = BytePairTokenizer.Train(given, merges);
        Assert.Equal(expected, tokenizer.Merges);
        foreach ((string word, List<string> tokens) in words) Assert.Equal(tokens, Tokens(tokenizer, word));
    }

    [Fact]
    public void Any_text_comes_back_and_its_tokens_places_cover_it()
    {
        BytePairTokenizer tokenizer = BytePairTokenizer.Train(RandomTexts.Some(300, 6), 500);
        Assert.InRange(tokenizer.Merges.Count, 200, 500);
        foreach (string text in RandomTexts.Some(500, 6).Concat(RandomTexts.Some(200, 7)))
        {
            TokenizedText tokens = tokenizer.EncodeWithOffsets(text);
            Assert.Equal(text, tokenizer.Decode(tokens.Ids));
            int at = 0, bytes = 0;
            for (int i = 0; i < tokens.Ids.Length; i++)
            {
                TextSpan span = tokens.Spans[i];
                // The place is the characters of which the token holds a byte.
                int first = bytes, last = bytes += tokenizer.Vocabulary.TokenOf(tokens.Ids[i]).Length;
                Assert.True(Encoding.UTF8.GetByteCount(text.AsSpan(0, span.Start)) <= first && first < Encoding.UTF8.GetByteCount(text.AsSpan(0, span.Start + 1 + (char.IsHighSurrogate(text[span.Start]) ? 1 : 0))));
                Assert.True(Encoding.UTF8.GetByteCount(text.AsSpan(0, span.End)) >= last && Encoding.UTF8.GetByteCount(text.AsSpan(0, span.End - 1 - (char.IsLowSurrogate(text[span.End - 1]) ? 1 : 0))) < last);
                Assert.True(span.Start <= at);
                at = span.End;
            }
            Assert.Equal(text.Length, at);
        }
        Assert.Equal(["Hello", "Ġworld"], Tokens(BytePairTokenizer.Train([Repeated(("Hello world", 3))], 100), "Hello world"));
    }

    [Theory]
    [InlineData("I'll don't x'", new[] { "I", "'ll", "Ġdon", "'t", "Ġx", "'" })]
    [InlineData("a  b\n\n c1 2.", new[] { "a", "Ġ", "Ġb", "ĊĊ", "Ġc", "1", "Ġ2", "." })]
    [InlineData("x \n", new[] { "x", "ĠĊ" })]
    [InlineData("\ta ' s", new[] { "ĉ", "a", "Ġ'", "Ġs" })]
    public void Pairs_are_joined_within_pieces_of_a_word_with_its_space(string text, string[] pieces)
    {
        // Trained on the text alone every piece becomes one token.
        Assert.Equal(pieces, Tokens(BytePairTokenizer.Train([text, text], 100), text));
    }

    [Fact]
    public void A_word_of_a_million_letters_is_no_trap()
    {
        string text = new('a', 1_000_000);
        BytePairTokenizer tokenizer = BytePairTokenizer.Train([text], 50);
        Assert.Equal(10, tokenizer.Merges.Count); // up to the longest token, 1,024 bytes
        Assert.Equal(978, tokenizer.Encode(text).Length); // 976 of 1,024, and 512 + 64
    }
}
