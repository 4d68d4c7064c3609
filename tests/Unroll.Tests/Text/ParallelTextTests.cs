using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Text;

public sealed class ParallelTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ParallelText Read(string source, string target, EmptyLines emptyLines = EmptyLines.Refuse) =>
        ParallelText.FromFiles(_folder.Write("en", source), _folder.Write("de", target), emptyLines);

    [Fact]
    public void Equal_lines_belong_together()
    {
        ParallelText text = Read("one\ntwo\n", "eins\r\nzwei");
        Assert.Equal(["one", "two"], text.Sources);
        Assert.Equal(["eins", "zwei"], text.Targets);
        Assert.Equal((2, 0), (text.Count, text.SkippedCount));
        Assert.Equal(0, Read("", "").Count);
    }

    [Fact]
    public void Unequal_numbers_of_lines_name_the_first_that_is_missing()
    {
        Assert.StartsWith($"{_folder["de"]}, line 2: expected a line for each of the 4 of {_folder["en"]}, found the end of the file after 1.",
            Assert.Throws<TextFileException>(() => Read("1\n2\n3\n4\n", "1\n")).Message, StringComparison.Ordinal);
        Assert.StartsWith($"{_folder["en"]}, line 1: expected a line for each of the 2 of {_folder["de"]}",
            Assert.Throws<TextFileException>(() => Read("", "1\n2")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_sides_are_refused_or_skipped_and_counted()
    {
        Assert.StartsWith($"{_folder["de"]}, line 2: the target is empty.", Assert.Throws<TextFileException>(() => Read("1\n2", "1\n \t\n")).Message, StringComparison.Ordinal);
        Assert.StartsWith($"{_folder["en"]}, line 1: the source is empty.", Assert.Throws<TextFileException>(() => Read("\n2", "\n2")).Message, StringComparison.Ordinal);
        ParallelText text = Read("1\n\n3\n4", "a\nb\n\nd", EmptyLines.Skip);
        Assert.Equal(["1", "4"], text.Sources);
        Assert.Equal(["a", "d"], text.Targets);
        Assert.Equal(2, text.SkippedCount);
    }

    [Fact]
    public void A_table_has_source_and_target_in_its_first_columns()
    {
        string path = _folder.Write("pairs.tsv", "Go.\tGeh.\tCC-BY\nHi.\tHallo!\n\nx\t\n");
        ParallelText text = ParallelText.FromTable(path, EmptyLines.Skip);
        Assert.Equal(["Go.", "Hi."], text.Sources);
        Assert.Equal(["Geh.", "Hallo!"], text.Targets);
        Assert.Equal(2, text.SkippedCount);
        Assert.StartsWith($"{path}, line 3: the source is empty.", Assert.Throws<TextFileException>(() => ParallelText.FromTable(path)).Message, StringComparison.Ordinal);
        path = _folder.Write("bad.tsv", "a\tb\nc d\n");
        Assert.StartsWith($"{path}, line 2: expected source and target with a tab between, found no tab.", Assert.Throws<TextFileException>(() => ParallelText.FromTable(path, EmptyLines.Skip)).Message, StringComparison.Ordinal);
    }
}
