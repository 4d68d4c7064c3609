namespace Unroll.Metrics.Sequences;

/// <summary>
/// The word division of NIST's mteval-v13a as sacreBLEU has it. Each rule takes what it has matched out of the text, so of two
/// full stops behind a letter the second is not the neighbour of the first; the passes below do the same.
/// </summary>
internal static class Mteval13a
{
    /// <summary>Writes a text with spaces around its words.</summary>
    /// <returns>That one of the two buffers in which it stands.</returns>
    public static TextBuffer Run(string text, TextBuffer first, TextBuffer second)
    {
        string plain = text
            .Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        SeparateSymbols(plain, first);
        SeparateAfterOther(first.Text, second);
        SeparateBeforeOther(second.Text, first);
        SeparateDashAfterDigit(first.Text, second);
        return second;
    }

    /// <summary>ASCII punctuation but apostrophe, comma, hyphen and full stop; a space at both ends.</summary>
    private static void SeparateSymbols(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        result.Add(' ');
        foreach (char c in text)
        {
            if (c is >= '{' and <= '~' or >= '[' and <= '`' or >= ' ' and <= '&' or >= '(' and <= '+' or >= ':' and <= '@' or '/') result.Add([' ', c, ' ']);
            else result.Add(c);
        }
        result.Add(' ');
    }

    /// <summary>A full stop or comma behind anything but a digit.</summary>
    private static void SeparateAfterOther(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        for (int i = 0; i < text.Length; i++)
        {
            result.Add(text[i]);
            if (char.IsAsciiDigit(text[i]) || i + 1 == text.Length || text[i + 1] is not ('.' or ',')) continue;
            result.Add([' ', text[++i], ' ']);
        }
    }

    /// <summary>A full stop or comma before anything but a digit.</summary>
    private static void SeparateBeforeOther(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '.' or ',' && i + 1 < text.Length && !char.IsAsciiDigit(text[i + 1])) result.Add([' ', text[i], ' ', text[++i]]);
            else result.Add(text[i]);
        }
    }

    private static void SeparateDashAfterDigit(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        for (int i = 0; i < text.Length; i++)
        {
            result.Add(text[i]);
            if (char.IsAsciiDigit(text[i]) && i + 1 < text.Length && text[i + 1] == '-') result.Add([' ', text[++i], ' ']);
        }
    }
}
