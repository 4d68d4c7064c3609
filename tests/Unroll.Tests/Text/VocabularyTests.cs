using System.Text;
using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class VocabularyTests
{
    private static KeyValuePair<string, long>[] Counts => [new("b", 3), new("c", 5), new("a", 3), new("B", 3), new("rare", 1), new("<unk>", 9)];

    [Fact]
    public void Special_tokens_have_the_first_ids_and_the_others_follow_by_count_and_then_in_ordinal_order()
    {
        Vocabulary vocabulary = Vocabulary.FromCounts(Counts, minimumCount: 2);
        Assert.Equal(["<pad>", "<unk>", "<bos>", "<eos>", "c", "B", "a", "b"], vocabulary.Tokens);
        Assert.Equal((0, 1, 2, 3), (vocabulary.PaddingId, vocabulary.UnknownId, vocabulary.BeginningId, vocabulary.EndId));
        Assert.Equal(6, vocabulary.IdOf("a"));
        Assert.Equal(1, vocabulary.IdOf("rare"));
        Assert.Equal(["<pad>", "<unk>", "<bos>", "<eos>", "c", "B"], Vocabulary.FromCounts(Counts.Reverse(), maximumSize: 6).Tokens);
    }

    [Fact]
    public void Growing_keeps_the_old_ids()
    {
        Vocabulary old = Vocabulary.FromCounts(Counts);
        Vocabulary grown = old.Grown(["z", "a", "y", "z"]).Grown(new Dictionary<string, long> { ["x"] = 1, ["w"] = 2, ["b"] = 7 });
        Assert.Equal([.. old.Tokens, "z", "y", "w", "x"], grown.Tokens);
        Assert.Equal(old.Special, grown.Special);
        Assert.Equal(9, old.Count);
    }

    [Fact]
    public void Other_special_tokens_stand_behind_the_usual_ones()
    {
        var vocabulary = new Vocabulary(new SpecialTokens { Beginning = null, Others = ["[MASK]"] });
        Assert.Equal(["<pad>", "<unk>", "<eos>", "[MASK]"], vocabulary.Tokens);
        Assert.Null(vocabulary.BeginningId);
        Assert.True(vocabulary.IsSpecial(3));
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], new Vocabulary(SpecialTokens.Bert).Tokens);
    }

    [Theory]
    [InlineData("a", "a", "'a' has the ids 4 and 5")]
    [InlineData("a", "", "token 5 is empty")]
    public void A_token_that_is_none_or_comes_twice_is_refused(string first, string second, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new Vocabulary(["<pad>", "<unk>", "<bos>", "<eos>", first, second])).Message, StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_is_refused_with_what_was_found()
    {
        Assert.Contains("'<eos>' is not among the 3 tokens", Assert.Throws<ArgumentException>(() => new Vocabulary(["<pad>", "<unk>", "<bos>"])).Message, StringComparison.Ordinal);
        Assert.Contains("'<pad>'", Assert.Throws<ArgumentException>(() => new Vocabulary(new SpecialTokens { Others = ["<pad>"] })).Message, StringComparison.Ordinal);
        Assert.Contains("special in two ways", Assert.Throws<ArgumentException>(() => new Vocabulary(["x"], new SpecialTokens { Padding = "x", Unknown = "x", Beginning = null, End = null })).Message, StringComparison.Ordinal);
        Assert.Contains("token 4 has half a surrogate pair at 1", Assert.Throws<ArgumentException>(() => new Vocabulary().Grown(["a\uD83D"])).Message, StringComparison.Ordinal);
        Assert.Contains("1025 UTF-16 units", Assert.Throws<ArgumentException>(() => new Vocabulary().Grown([new string('a', 1025)])).Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 3, received 4", Assert.Throws<ArgumentOutOfRangeException>(() => new Vocabulary().TokenOf(4)).Message, StringComparison.Ordinal);
        Assert.Contains("received -1", Assert.Throws<ArgumentOutOfRangeException>(() => new Vocabulary().TokenOf(-1)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 4", Assert.Throws<ArgumentOutOfRangeException>(() => Vocabulary.FromCounts(Counts, maximumSize: 3)).Message, StringComparison.Ordinal);
        Assert.Contains("received 0", Assert.Throws<ArgumentOutOfRangeException>(() => Vocabulary.FromCounts(Counts, minimumCount: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_vocabulary_is_read_back_and_equal_ones_give_equal_bytes()
    {
        using var folder = new TemporaryFolder();
        Vocabulary vocabulary = new Vocabulary(new SpecialTokens { Padding = null, Others = ["[MASK]"] }).Grown(["ß", "👩‍🚀", "\"\\", "\0", " "]);
        vocabulary.Save(folder["one"]);
        Vocabulary read = Vocabulary.Load(folder["one"]);
        Assert.Equal(vocabulary.Tokens, read.Tokens);
        Assert.Equal(vocabulary.Special.All, read.Special.All);
        Assert.Null(read.PaddingId);
        read.Save(folder["two"]);
        Assert.Equal(File.ReadAllBytes(folder["one"]), File.ReadAllBytes(folder["two"]));
    }

    private const string Head = """{"format":"unroll-vocabulary","format_version":1,""";

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("{", "")]
    [InlineData("""{"format":"unroll-tokenizer","format_version":1}""", "expected the format 'unroll-vocabulary'")]
    [InlineData("""{"format":"unroll-vocabulary","format_version":2}""", "format version 1, found '2'")]
    [InlineData(Head + """ "tokens":["a"]}""", "'special_tokens' is missing")]
    [InlineData(Head + """ "special_tokens":{}}""", "'tokens' is missing")]
    [InlineData(Head + """ "special_tokens":{},"tokens":{"a":1}}""", "expected a list of texts")]
    [InlineData(Head + """ "special_tokens":{},"tokens":["a",1]}""", "expected a list of texts")]
    [InlineData(Head + """ "special_tokens":{},"tokens":["a",null]}""", "expected a list of texts")]
    [InlineData(Head + """ "special_tokens":{},"tokens":["a","a"]}""", "ids 0 and 1")]
    [InlineData(Head + """ "special_tokens":{},"tokens":["\ud800"]}""", "")]
    [InlineData(Head + """ "special_tokens":{},"tokens":["a"],"tokens":["b"]}""", "")]
    [InlineData(Head + """ "special_tokens":{"padding":"<pad>"},"tokens":["a"]}""", "'<pad>' is not among the 1 tokens")]
    [InlineData(Head + """ "special_tokens":{"padding":3},"tokens":["a"]}""", "'padding' is 3; expected a text")]
    [InlineData(Head + """ "special_tokens":{"others":"a"},"tokens":["a"]}""", "expected a list of texts")]
    [InlineData(Head + """ "x":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}""", "")]
    public void A_hostile_file_is_refused_with_its_name(string text, string message)
    {
        using var file = new TemporaryFile(text, ".json");
        string found = Assert.Throws<TextFileException>(() => Vocabulary.Load(file.Path)).Message;
        Assert.StartsWith(file.Path + ": ", found, StringComparison.Ordinal);
        Assert.Contains(message, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_or_too_long_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no such file", Assert.Throws<TextFileException>(() => Vocabulary.Load(folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("found a folder", Assert.Throws<TextFileException>(() => Vocabulary.Load(folder.Path)).Message, StringComparison.Ordinal);
        using (FileStream sparse = File.Create(folder["long"])) sparse.SetLength((1L << 29) + 1);
        Assert.Contains("at most 536870912 bytes", Assert.Throws<TextFileException>(() => Vocabulary.Load(folder["long"])).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder["bytes"], Encoding.Latin1.GetBytes(Head + "\"\xff\":1}"));
        Assert.Throws<TextFileException>(() => Vocabulary.Load(folder["bytes"]));
    }
}
