using System.Text;
using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class TextLinesTests
{
    private static List<string> Lines(byte[] bytes, int longestLine = TextLines.DefaultLongestLine) =>
        [.. TextLines.Read(new MemoryStream(bytes), "book.txt", longestLine)];

    private static string Message(byte[] bytes, int longestLine = TextLines.DefaultLongestLine) =>
        Assert.Throws<TextFileException>(() => Lines(bytes, longestLine)).Message;

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\r\nb\n\nc", new[] { "a", "b", "", "c" })]
    [InlineData("a\rb\u2028c\n", new[] { "a\rb\u2028c" })]
    [InlineData("a\r", new[] { "a\r" })]
    [InlineData("\uFEFFa\n\uFEFFb\n", new[] { "a", "\uFEFFb" })]
    [InlineData("\uFEFF", new string[0])]
    [InlineData("日本\n👩‍🚀", new[] { "日本", "👩‍🚀" })]
    public void Lines_end_with_LF_or_CRLF_and_a_mark_is_left_out(string text, string[] lines)
    {
        Assert.Equal(lines, Lines(Utf8(text)));
        using var file = new TemporaryFile(text, ".txt");
        Assert.Equal(lines, TextLines.Read(file.Path));
    }

    [Theory]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(200_000)]
    public void Blocks_of_reading_are_not_seen(int length)
    {
        string first = new string('x', length - 3) + "ä", text = first + "\r\n" + "ö" + new string('y', 70_000) + "\nend";
        Assert.Equal([first, "ö" + new string('y', 70_000), "end"], Lines(Utf8(text)));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_named_with_line_and_byte()
    {
        Assert.StartsWith("book.txt, line 2, byte 5: expected UTF-8 text, found the byte 0xff.", Message([.. "ab\r\nc"u8, 0xff, .. "\n"u8]), StringComparison.Ordinal);
        Assert.StartsWith("book.txt, line 1, byte 4: expected UTF-8 text, found the bytes 0xe2 0x82.", Message([0xef, 0xbb, 0xbf, .. "a"u8, 0xe2, 0x82, .. "\n"u8]), StringComparison.Ordinal);
        Assert.StartsWith("book.txt, line 2, byte 2: expected UTF-8 text, found the byte 0xed.", Message([.. "a\n"u8, 0xed, 0xa0, 0x80]), StringComparison.Ordinal); // a surrogate
        Assert.StartsWith("book.txt, line 3, byte 5: expected text, found a NUL byte", Message([.. "a\nb\nc\0"u8]), StringComparison.Ordinal);
        Assert.Contains("the mark of UTF-16", Message([0xff, 0xfe, 0x61, 0]), StringComparison.Ordinal);
        Assert.Contains("gzip", Message([0x1f, 0x8b, 8]), StringComparison.Ordinal);
        byte[] late = new byte[100_000];
        late.AsSpan().Fill((byte)'a');
        (late[70_000], late[80_000]) = ((byte)'\n', 0xc3);
        Assert.StartsWith("book.txt, line 2, byte 80000: expected UTF-8 text, found the byte 0xc3.", Message(late), StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_is_the_longest_line_that_is_read()
    {
        Assert.Equal(["abc", "äd", "efg"], Lines(Utf8("abc\r\näd\nefg"), 3));
        Assert.StartsWith("book.txt, line 2, byte 2: expected a line of at most 3 bytes", Message(Utf8("a\nabcd\n"), 3), StringComparison.Ordinal);
        Assert.StartsWith("book.txt, line 1, byte 0: expected a line of at most 3 bytes", Message(Utf8("abcd"), 3), StringComparison.Ordinal);
        Assert.StartsWith("book.txt, line 1, byte 0: expected a line of at most 3 bytes", Message(Utf8(new string('a', 200_000)), 3), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => TextLines.Read("x", 0));
    }

    [Fact]
    public void A_path_that_cannot_be_read_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith(folder["none"] + ": no such file", Assert.Throws<TextFileException>(() => TextLines.Read(folder["none"]).Count()).Message, StringComparison.Ordinal);
        Assert.Contains("found a folder", Assert.Throws<TextFileException>(() => TextLines.Read(folder.Path).Count()).Message, StringComparison.Ordinal);
    }
}
