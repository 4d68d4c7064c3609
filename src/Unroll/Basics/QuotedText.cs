using System.Globalization;
using System.Text;

namespace Unroll.Basics;

/// <summary>Text from outside, such as a name in a file, for a message.</summary>
internal static class QuotedText
{
    private const int Longest = 80;

    /// <summary>
    /// The text in quotes, cut after 80 characters, control characters as codes, so that neither a terminal nor a log can be
    /// played with.
    /// </summary>
    public static string Of(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }
        return quoted.Append(text.Length > Longest ? "…'" : "'").ToString();
    }
}
