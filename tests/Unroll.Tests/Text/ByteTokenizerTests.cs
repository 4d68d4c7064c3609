using System.Text;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class ByteTokenizerTests
{
    [Fact]
    public void Ids_are_the_bytes_behind_the_special_tokens()
    {
        var tokenizer = new ByteTokenizer();
        Assert.Equal(260, tokenizer.Vocabulary.Count);
        Assert.Equal([.. Encoding.UTF8.GetBytes("a ä€👍\0").Select(value => value + 4)], tokenizer.Encode("a ä€👍\0"));
        Assert.Equal("Ġ", tokenizer.Vocabulary.TokenOf(4 + ' '));
        TextSpan[] spans = tokenizer.EncodeWithOffsets("xä👍").Spans;
        Assert.Equal([new(0, 1), new(1, 1), new(1, 1), new(2, 2), new(2, 2), new(2, 2), new(2, 2)], spans);
    }

    [Fact]
    public void Any_text_comes_back()
    {
        var tokenizer = new ByteTokenizer();
        foreach (string text in RandomTexts.Some(500, 2)) Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, beginning: true, end: true)));
    }

    [Fact]
    public void Any_bytes_decode_and_what_is_no_UTF8_is_replaced()
    {
        var tokenizer = new ByteTokenizer();
        Assert.Equal("a\uFFFDb\uFFFD", tokenizer.Decode([.. new[] { 'a', 0xff, 'b', 0xc3 }.Select(value => value + 4)]));
        Assert.Equal("\uFFFD", tokenizer.Decode([0xe2 + 4, 0x82 + 4])); // one for a sequence that is cut short
        Assert.Equal("ä<eos>", tokenizer.Decode([0xc3 + 4, 0xa4 + 4, 3], specialTokens: true));
        Assert.Equal("ä", tokenizer.Decode([0xc3 + 4, 3, 0xa4 + 4]));
    }

    [Fact]
    public void A_special_token_that_is_a_byte_is_refused() =>
        Assert.Contains("no token 'A' for the byte 0x41", Assert.Throws<ArgumentException>(() => new ByteTokenizer(new SpecialTokens { Others = ["A"] })).Message, StringComparison.Ordinal);
}
