using System.Globalization;

namespace Unroll.Metrics.Sequences;

/// <summary>
/// The word division of mteval-v14 as sacreBLEU has it ("intl"), by the Unicode categories of the running .NET. A full stop at
/// the end of a text stays with a number before it.
/// </summary>
internal static class MtevalInternational
{
    /// <summary>Writes a text with spaces around its words.</summary>
    /// <returns>That one of the two buffers in which it stands.</returns>
    public static TextBuffer Run(ReadOnlySpan<char> text, TextBuffer first, TextBuffer second)
    {
        SeparateAfterOther(text, first);
        SeparateBeforeOther(first.Text, second);
        SeparateSymbols(second.Text, first);
        return first;
    }

    /// <summary>Punctuation behind anything but a number.</summary>
    private static void SeparateAfterOther(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        for (int i = 0, width; i < text.Length; i += width)
        {
            bool number = IsNumber(Category(text, i, out width));
            result.Add(text.Slice(i, width));
            int next = i + width;
            if (number || next == text.Length || !IsPunctuation(Category(text, next, out int nextWidth))) continue;
            result.Add(' ');
            result.Add(text.Slice(next, nextWidth));
            result.Add(' ');
            width += nextWidth;
        }
    }

    /// <summary>Punctuation before anything but a number.</summary>
    private static void SeparateBeforeOther(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        for (int i = 0, width; i < text.Length; i += width)
        {
            bool punctuation = IsPunctuation(Category(text, i, out width));
            int next = i + width;
            if (!punctuation || next == text.Length || IsNumber(Category(text, next, out int nextWidth)))
            {
                result.Add(text.Slice(i, width));
                continue;
            }
            result.Add(' ');
            result.Add(text.Slice(i, width));
            result.Add(' ');
            result.Add(text.Slice(next, nextWidth));
            width += nextWidth;
        }
    }

    private static void SeparateSymbols(ReadOnlySpan<char> text, TextBuffer result)
    {
        result.Clear();
        for (int i = 0, width; i < text.Length; i += width)
        {
            bool symbol = Category(text, i, out width) is >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol;
            if (symbol) result.Add(' ');
            result.Add(text.Slice(i, width));
            if (symbol) result.Add(' ');
        }
    }

    private static UnicodeCategory Category(ReadOnlySpan<char> text, int index, out int width) =>
        CharUnicodeInfo.GetUnicodeCategory(TextUnits.CodePoint(text, index, out width));

    private static bool IsNumber(UnicodeCategory category) => category is >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber;

    private static bool IsPunctuation(UnicodeCategory category) => category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;
}
