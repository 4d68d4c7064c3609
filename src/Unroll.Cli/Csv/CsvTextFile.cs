using System.Globalization;
using System.Text;

namespace Unroll.Cli.Csv;

/// <summary>A text file read whole, with an <see cref="InputException"/> for all that is no readable text.</summary>
internal static class CsvTextFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file's text without its byte order mark. UTF-8, or UTF-16 where a mark says so.</summary>
    /// <exception cref="InputException">Not there, a folder, not readable, empty, or not text.</exception>
    public static string Read(string path)
    {
        byte[] bytes = ReadBytes(path);
        if (bytes.AsSpan().TrimStart((byte)' ').Length == 0)
            throw new InputException($"{path}: the file is empty. Expected a header line with column names, then rows of values.");
        if (bytes is [0x1f, 0x8b, ..])
            throw new InputException($"{path}: expected a text file, found a gzip archive. Unpack it first.");
        if (bytes is [(byte)'P', (byte)'K', 3, 4, ..])
            throw new InputException($"{path}: expected a text file, found a zip archive or a spreadsheet. Export the sheet as CSV.");
        if (bytes is [0xff, 0xfe, ..]) return Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2);
        if (bytes is [0xfe, 0xff, ..]) return Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2);

        int start = bytes is [0xef, 0xbb, 0xbf, ..] ? 3 : 0;
        int control = bytes.AsSpan(start).IndexOfAnyInRange((byte)0, (byte)8);
        if (control >= 0)
            throw new InputException($"{path}, line {LineAt(bytes, start + control)}: expected text, found the byte 0x{bytes[start + control]:x2}; this is a binary file. Give a CSV file.");
        try
        {
            return StrictUtf8.GetString(bytes, start, bytes.Length - start);
        }
        catch (DecoderFallbackException invalid)
        {
            int at = Math.Clamp(start + invalid.Index, 0, bytes.Length - 1);
            string found = string.Concat((invalid.BytesUnknown ?? []).Select(b => " 0x" + b.ToString("x2", CultureInfo.InvariantCulture)));
            throw new InputException($"{path}, line {LineAt(bytes, at)}: expected UTF-8 text, found the byte{(found.Length > 5 ? "s" : "")}{found}. Save the file as UTF-8.", invalid);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: no such file. Check the path; relative paths start at the current folder.", cause);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new InputException(Directory.Exists(path)
                ? $"{path}: expected a CSV file, found a folder. Name a file in it."
                : $"{path}: no permission to read the file. Change its permissions, or copy it to where you may read it.", cause);
        }
        catch (IOException cause)
        {
            throw new InputException($"{path}: the file cannot be read now; another program may hold it open. Close it there and try again.", cause);
        }
    }

    private static int LineAt(byte[] bytes, int offset) => bytes.AsSpan(0, offset).Count((byte)'\n') + 1;
}
