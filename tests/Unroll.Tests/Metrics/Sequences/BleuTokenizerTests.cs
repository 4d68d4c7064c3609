using Unroll.Metrics.Sequences;

namespace Unroll.Tests.Metrics.Sequences;

public class BleuTokenizerTests
{
    [Theory]
    [InlineData("Hello, world!", "Hello , world !")]
    [InlineData("It's 3.14, or 1,000.", "It's 3.14 , or 1,000 .")]
    [InlineData("from 5-6 to a-b", "from 5 - 6 to a-b")]
    [InlineData("&quot;a&quot; &amp;lt; b", "\" a \" < b")]
    [InlineData("in-\ndeed so\nit ends-\n", "indeed so it ends-")] // the last line break goes before the rule sees it
    [InlineData("<skipped>a/b", "a / b")]
    [InlineData("a.,5 a...5", "a . ,5 a . . . 5")] // what a rule has matched is no neighbour any more
    [InlineData("…«x»", "…«x»")] // ASCII alone is known
    [InlineData("", "")]
    public void Mteval_13a_divides_as_its_rules_say(string text, string expected)
    {
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Divided(Mteval13a.Run(text.TrimEnd(), new(), new())));
    }

    [Theory]
    [InlineData("«Hello», 5€!", "« Hello » , 5 € !")]
    [InlineData("1,000.5 in 2019.", "1,000.5 in 2019.")] // the full stop stays with a number at the end
    [InlineData("it's x-y", "it ' s x - y")]
    [InlineData("&amp;", "& amp ;")]
    [InlineData("a😀b.", "a 😀 b .")]
    public void International_division_knows_every_script(string text, string expected)
    {
        Assert.Equal(expected.Split(' '), Divided(MtevalInternational.Run(text, new(), new())));
    }

    [Fact]
    public void A_lone_surrogate_is_neither_number_nor_punctuation_nor_symbol()
    {
        Assert.Equal(["\ud83d", ".", "\ude00"], Divided(MtevalInternational.Run("\ud83d.\ude00", new(), new())));
    }

    [Fact]
    public void Random_texts_divide_as_the_regular_expressions_do()
    {
        foreach (string text in RandomTexts.Many(3000, 30, 7))
        {
            var expected = new TokenIds();
            int[] numbers = [.. PlainSequenceMetrics.Mteval13a(text).Select(word => expected.Of(word))];
            var tokens = new List<int> { -1 };
            new BleuTokenizer(new()).Tokenize(text, tokens);
            Assert.Equal(numbers, tokens);
        }
    }

    [Fact]
    public void Characters_are_code_points_without_whitespace()
    {
        var tokens = new List<int>();
        new BleuTokenizer(new() { Tokenization = BleuTokenization.Character, LowerCase = true }).Tokenize("Aé 😀\ud83d \ude00", tokens);
        Assert.Equal([0x61, 0xE9, 0x1F600, 0xD83D, 0xDE00], tokens);
    }

    private static string[] Divided(TextBuffer buffer) => PlainSequenceMetrics.Words(buffer.Text.ToString());
}
