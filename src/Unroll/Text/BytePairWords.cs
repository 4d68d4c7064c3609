using System.Text;

namespace Unroll.Text;

/// <summary>
/// The pieces of a text within which bytes are joined (Radford et al. 2019, the pattern of their published encoder): an English
/// ending ('s, 't, 're, 've, 'm, 'll, 'd); or, with one space before where there is one, a run of letters, of numbers, or of
/// what is neither; or whitespace, of which a run before another piece leaves its last one over.
/// </summary>
internal static class BytePairWords
{
    private static readonly string[] s_endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Group
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>Adds the pieces, which together are the text.</summary>
    public static void Add(string text, List<TextSpan> pieces)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = LengthAt(text, at);
            pieces.Add(new TextSpan(at, length));
            at += length;
        }
    }

    private static int LengthAt(string text, int at)
    {
        foreach (string ending in s_endings)
            if (text[at] == '\'' && string.CompareOrdinal(text, at, ending, 0, ending.Length) == 0) return ending.Length;
        int start = text[at] == ' ' && at + 1 < text.Length ? at + 1 : at;
        Group group = GroupAt(text, start, out _);
        if (group != Group.Space) return EndOfRun(text, start, group) - at;
        int end = EndOfRun(text, at, Group.Space);
        return end == text.Length || end == at + 1 ? end - at : end - at - 1;
    }

    private static int EndOfRun(string text, int at, Group group)
    {
        while (at < text.Length && GroupAt(text, at, out int length) == group) at += length;
        return at;
    }

    private static Group GroupAt(string text, int at, out int length)
    {
        Rune rune = Rune.GetRuneAt(text, at);
        length = rune.Utf16SequenceLength;
        return Rune.IsWhiteSpace(rune) ? Group.Space : Rune.IsLetter(rune) ? Group.Letter : Rune.IsNumber(rune) ? Group.Number : Group.Other;
    }
}
