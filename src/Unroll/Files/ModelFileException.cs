using System.Globalization;
using System.Text;

namespace Unroll.Files;

/// <summary>
/// A model or tensor file that cannot be read as what it should be: cut short, damaged, of another format, or not
/// matching what was asked of it. The message names the file, the tensor where there is one, what was expected, what
/// was found and what to do.
/// </summary>
public sealed class ModelFileException : IOException
{
    /// <summary>An exception with its whole message.</summary>
    public ModelFileException(string message) : base(message)
    {
    }

    /// <summary>An exception with its whole message and its cause.</summary>
    public ModelFileException(string message, Exception? innerException) : base(message, innerException)
    {
    }

    /// <summary>
    /// Text from a file for a message: in quotes, cut after 80 characters, control characters as codes, so that
    /// neither a terminal nor a log can be played with.
    /// </summary>
    internal static string Quote(string text)
    {
        const int longest = 80;
        var quoted = new StringBuilder("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, longest)))
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }
        return quoted.Append(text.Length > longest ? "…'" : "'").ToString();
    }
}
