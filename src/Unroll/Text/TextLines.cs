using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;

namespace Unroll.Text;

/// <summary>
/// Reads text files line by line and refuses what is no text. Lines end with LF or CRLF, which are not part of them; the last
/// needs no end, and an empty file has no line. A byte order mark of UTF-8 is left out. A file whose name ends in .gz is unpacked on the way.
/// </summary>
public static class TextLines
{
    /// <summary>The longest line where no other limit is given, in bytes: 16 MiB.</summary>
    public const int DefaultLongestLine = 1 << 24;

    private const int BlockSize = 1 << 16;

    /// <summary>The lines of a file in UTF-8, read as they are asked for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longestLine">The most bytes of a line. At least 1; default 16 MiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit below 1.</exception>
    /// <exception cref="TextFileException">
    /// While reading: no such file, bytes that are no UTF-8, a NUL byte, or a line above the limit; the message has the line and the
    /// byte's place in the file, counted from 0.
    /// </exception>
    public static IEnumerable<string> Read(string path, int longestLine = DefaultLongestLine)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Checked(() => Open(path), path, longestLine, keepOpen: false);
    }

    /// <summary>The lines of a stream in UTF-8, read as they are asked for.</summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="longestLine">The most bytes of a line. At least 1; default 16 MiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit below 1.</exception>
    /// <exception cref="TextFileException">While reading, as for a file.</exception>
    public static IEnumerable<string> Read(Stream stream, string name, int longestLine = DefaultLongestLine)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Checked(() => stream, name, longestLine, keepOpen: true);
    }

    private static IEnumerable<string> Checked(Func<Stream> open, string name, int longestLine, bool keepOpen) => longestLine >= 1
        ? Lines(open, name, longestLine, keepOpen)
        : throw new ArgumentOutOfRangeException(nameof(longestLine), $"{name}: expected a limit of at least 1 byte a line, received {longestLine}.");

    private static IEnumerable<string> Lines(Func<Stream> open, string name, int longestLine, bool keepOpen)
    {
        Stream stream = open();
        try
        {
            var block = new byte[BlockSize];
            var line = new ArrayBufferWriter<byte>(256);
            long offset = 0, number = 1; // of the line's first byte, and of the line
            int read = Fill(stream, block, name);
            int at = Beginning(block.AsSpan(0, read), name);
            offset = at;
            while (read > 0)
            {
                int length = block.AsSpan(at, read - at).IndexOf((byte)'\n');
                int taken = length < 0 ? read - at : length;
                if (line.WrittenCount + (long)taken > longestLine + 1L) throw TooLong(name, number, offset, longestLine); // + 1 for a CR
                line.Write(block.AsSpan(at, taken));
                at += taken;
                if (length >= 0)
                {
                    yield return TextOf(line.WrittenSpan, isEnded: true, name, number, offset, longestLine);
                    offset += line.WrittenCount + 1;
                    number++;
                    line.ResetWrittenCount();
                    at++;
                }
                if (at == read) (read, at) = (Fill(stream, block, name), 0);
            }
            if (line.WrittenCount > 0) yield return TextOf(line.WrittenSpan, isEnded: false, name, number, offset, longestLine);
        }
        finally
        {
            if (!keepOpen) stream.Dispose();
        }
    }

    private static string TextOf(ReadOnlySpan<byte> line, bool isEnded, string name, long number, long offset, int longestLine)
    {
        if (isEnded && line is [.., (byte)'\r']) line = line[..^1];
        if (line.Length > longestLine) throw TooLong(name, number, offset, longestLine);
        int nul = line.IndexOf((byte)0);
        if (nul >= 0) throw new TextFileException($"{name}, line {number}, byte {offset + nul}: expected text, found a NUL byte; this is a binary file, or UTF-16. Save it as UTF-8.");
        if (!Utf8.IsValid(line)) throw NoUtf8(line, name, number, offset);
        return Encoding.UTF8.GetString(line);
    }

    private static TextFileException NoUtf8(ReadOnlySpan<byte> line, string name, long number, long offset)
    {
        int at = 0, bad;
        while (Rune.DecodeFromUtf8(line[at..], out _, out bad) == OperationStatus.Done) at += bad;
        string[] found = [.. line.Slice(at, bad).ToArray().Select(value => "0x" + value.ToString("x2", CultureInfo.InvariantCulture))];
        return new TextFileException($"{name}, line {number}, byte {offset + at}: expected UTF-8 text, found the byte{(bad > 1 ? "s" : "")} {string.Join(' ', found)}. Save the file as UTF-8.");
    }

    private static TextFileException TooLong(string name, long number, long offset, int longestLine) => new(
        $"{name}, line {number}, byte {offset}: expected a line of at most {longestLine} bytes, found a longer one. Cut it, or raise the limit.");

    /// <summary>Where the text begins behind a byte order mark.</summary>
    private static int Beginning(ReadOnlySpan<byte> block, string name) => block switch
    {
        [0xef, 0xbb, 0xbf, ..] => 3,
        [0xff, 0xfe, ..] or [0xfe, 0xff, ..] => throw new TextFileException($"{name}, line 1, byte 0: expected UTF-8 text, found the mark of UTF-16. Save the file as UTF-8."),
        [0x1f, 0x8b, ..] => throw new TextFileException($"{name}: expected a text file, found a gzip archive. Unpack it first."),
        _ => 0,
    };

    /// <summary>Fills the block as far as the stream goes, so that a mark is never cut.</summary>
    private static int Fill(Stream stream, byte[] block, string name)
    {
        try
        {
            return stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException cause)
        {
            throw new TextFileException($"{name}: expected a file packed by gzip, as its name says, found something else, or a damaged one. Name it without .gz if it is plain text.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw TextFileException.Of(name, cause);
        }
    }

    private static Stream Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw TextFileException.Of(path, cause);
        }
    }
}
