namespace Unroll.Text;

/// <summary>
/// A file of text, a vocabulary or a tokenizer that cannot be read as such. The message names the file and, where there is one,
/// the line and the byte, with what was expected, what was found and what to do.
/// </summary>
public sealed class TextFileException : IOException
{
    /// <summary>An exception with its whole message.</summary>
    public TextFileException(string message) : base(message)
    {
    }

    /// <summary>An exception with its whole message and its cause.</summary>
    public TextFileException(string message, Exception? innerException) : base(message, innerException)
    {
    }

    /// <summary>What a path that cannot be opened says.</summary>
    internal static TextFileException Of(string path, Exception cause) => new(cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{path}: no such file. Check the path; relative paths start at the current folder.",
        UnauthorizedAccessException when Directory.Exists(path) => $"{path}: expected a file, found a folder. Name a file in it.",
        UnauthorizedAccessException => $"{path}: no permission to read the file. Change its permissions, or copy it to where you may read it.",
        _ => $"{path}: the file cannot be read: {cause.Message}",
    }, cause);
}
