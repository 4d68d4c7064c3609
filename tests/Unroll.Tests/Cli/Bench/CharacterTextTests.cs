using Unroll.Cli;
using Unroll.Cli.Bench.LanguageModel;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Bench;

public class CharacterTextTests
{
    [Fact]
    public void Characters_are_places_in_the_sorted_set_and_rows_are_read_side_by_side()
    {
        // Sorted by code point: a 0, b 1, c 2, é 3, 𝄞 4 (two UTF-16 units, one character). Two rows of five, and one more.
        var text = CharacterText.Of("bacab𝄞aécba", "t", 2, 3);
        Assert.Equal((5, 2, 5), (text.Vocabulary, text.Rows, text.RowLength));
        var characters = new float[6];
        var next = new float[6];
        text.CopyBatch(1, 3, characters, next);
        Assert.Equal([0, 2, 0, 0, 3, 2], characters); // "aca" of "bacab", "aéc" of "𝄞aécb"
        Assert.Equal([2, 0, 1, 3, 2, 1], next);
        text.CopyBatch(2, 3, characters, next);
        Assert.Equal([2, 0, 1, 3, 2, 1], characters);
        Assert.Equal([0, 1, 4, 2, 1, 0], next); // a row's last successor is the next row's first character
    }

    [Fact]
    public void Only_the_beginning_is_read_but_the_vocabulary_is_the_whole_texts()
    {
        var text = CharacterText.Of(new string('a', 4001) + "b", "t", 1, 10);
        Assert.Equal((2, 4000), (text.Vocabulary, text.RowLength));
    }

    [Theory]
    [InlineData("", "t: the text is empty; expected at least 7 characters.")]
    [InlineData("abcdef", "t: expected at least 7 characters, a batch of 2 rows of 3 steps and one more, found 6. Give a longer text, or a smaller --batch or --steps.")]
    public void A_text_too_short_is_refused(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<InputException>(() => CharacterText.Of(text, "t", 2, 3)).Message);

    [Fact]
    public void A_file_that_is_absent_a_folder_or_no_utf_8_is_named_with_exit_code_1()
    {
        using var folder = new TemporaryFolder();
        string latin = folder["latin.txt"];
        File.WriteAllBytes(latin, [.. "caf"u8, 0xe9, .. " au lait"u8]);
        ProcessOutcome outcome = ProcessRunner.Unroll("bench", "language-model", latin);
        Assert.Equal((1, $"error: {latin}: expected text in UTF-8, found another encoding at byte 3. Convert the file to UTF-8.\n"), (outcome.ExitCode, outcome.Error));
        Assert.StartsWith("nowhere.txt: the text cannot be read: no such file.", Assert.Throws<InputException>(() => CharacterText.Read("nowhere.txt", 1, 1)).Message, StringComparison.Ordinal);
        Assert.EndsWith("expected a text file, found a folder.", Assert.Throws<InputException>(() => CharacterText.Read(Path.GetTempPath(), 1, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TEXT is missing.")]
    [InlineData("--steps is '4001'; expected a whole number of at least 1 and at most 4,000.", "t.txt", "--steps", "4001")]
    [InlineData("--units is 'many'; expected a whole number of at least 1 and at most 65,536.", "t.txt", "--units", "many")]
    public void Wrong_usage_is_exit_code_2(string expected, params string[] arguments)
    {
        ProcessOutcome outcome = ProcessRunner.Unroll(["bench", "language-model", .. arguments]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: " + expected + "\n", outcome.Error, StringComparison.Ordinal);
    }
}
