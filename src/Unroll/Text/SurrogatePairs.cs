namespace Unroll.Text;

/// <summary>Whether the UTF-16 units of a text pair up to characters.</summary>
internal static class SurrogatePairs
{
    private const char Replacement = '\uFFFD';

    /// <summary>Where the first half of a pair without its other half stands, or −1.</summary>
    public static int IndexOfLone(ReadOnlySpan<char> text)
    {
        for (int at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at])) continue;
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])) return at;
            at++;
        }
        return -1;
    }

    /// <summary>The text, with U+FFFD for each lone half where that is the choice; its length stays.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="choice">What becomes of lone halves.</param>
    /// <param name="where">What the message begins with.</param>
    /// <exception cref="ArgumentException">A lone half, where they are refused.</exception>
    public static string Checked(string text, LoneSurrogates choice, string where)
    {
        int at = IndexOfLone(text);
        if (at < 0) return text;
        if (choice == LoneSurrogates.Refuse)
            throw new ArgumentException($"{where}: expected Unicode text, found half a surrogate pair (U+{(int)text[at]:X4}) at index {at}. A string was cut in the middle of a character; mend it, or set LoneSurrogates to Replace.", nameof(text));
        char[] units = text.ToCharArray();
        while (at >= 0)
        {
            units[at++] = Replacement;
            int next = IndexOfLone(units.AsSpan(at));
            at = next < 0 ? -1 : at + next;
        }
        return new string(units);
    }
}
