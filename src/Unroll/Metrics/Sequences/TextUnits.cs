namespace Unroll.Metrics.Sequences;

/// <summary>
/// Words and code points of a text. A code point is a Unicode scalar value or a surrogate without its partner, which
/// stands for itself: broken text is scored, not refused.
/// </summary>
internal static class TextUnits
{
    /// <summary>Unicode whitespace and the four separators U+001C to U+001F, which sacreBLEU counts too.</summary>
    public static bool IsWhitespace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';

    /// <summary>The code point at a place and how many chars it has, 1 or 2.</summary>
    public static int CodePoint(ReadOnlySpan<char> text, int index, out int width)
    {
        char first = text[index];
        width = 1;
        if (!char.IsHighSurrogate(first) || index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1])) return first;
        width = 2;
        return char.ConvertToUtf32(first, text[index + 1]);
    }

    /// <summary>Adds the code points of a text.</summary>
    public static void AddCodePoints(ReadOnlySpan<char> text, bool keepWhitespace, List<int> points)
    {
        for (int i = 0, width; i < text.Length; i += width)
        {
            int point = CodePoint(text, i, out width);
            if (keepWhitespace || width == 2 || !IsWhitespace(text[i])) points.Add(point);
        }
    }

    /// <summary>Takes the next word off the front of a text; false where none is left.</summary>
    public static bool NextWord(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> word)
    {
        int start = 0;
        while (start < text.Length && IsWhitespace(text[start])) start++;
        int end = start;
        while (end < text.Length && !IsWhitespace(text[end])) end++;
        word = text[start..end];
        text = text[end..];
        return end > start;
    }

    /// <summary>A text without whitespace at its ends.</summary>
    public static ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && IsWhitespace(text[0])) text = text[1..];
        return TrimmedAtEnd(text);
    }

    /// <summary>A text without whitespace at its end.</summary>
    public static ReadOnlySpan<char> TrimmedAtEnd(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && IsWhitespace(text[^1])) text = text[..^1];
        return text;
    }
}
