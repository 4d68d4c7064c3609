using System.Globalization;
using System.Text;

namespace Unroll.Text;

/// <summary>Where the words of a text stand.</summary>
internal static class WordRuns
{
    public static void Add(string text, WordSplitting splitting, List<TextSpan> words)
    {
        for (int at = 0; at < text.Length;)
        {
            Rune first = Rune.GetRuneAt(text, at);
            int end = at + first.Utf16SequenceLength;
            if (!Rune.IsWhiteSpace(first))
            {
                if (splitting == WordSplitting.Whitespace) end = EndOfRun(text, end, static (_, _, rune) => !Rune.IsWhiteSpace(rune));
                else if (IsWordPart(first)) end = EndOfRun(text, end, static (text, at, rune) => IsWordPart(rune) || IsInnerApostrophe(text, at));
                words.Add(new TextSpan(at, end - at));
            }
            at = end;
        }
    }

    private static int EndOfRun(string text, int at, Func<string, int, Rune, bool> belongs)
    {
        while (at < text.Length)
        {
            Rune rune = Rune.GetRuneAt(text, at);
            if (!belongs(text, at, rune)) break;
            at += rune.Utf16SequenceLength;
        }
        return at;
    }

    private static bool IsWordPart(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Within a run: what stands before is part of the word, so only what follows is asked.</summary>
    private static bool IsInnerApostrophe(string text, int at) =>
        text[at] is '\'' or '\u2019' && at + 1 < text.Length && IsWordPart(Rune.GetRuneAt(text, at + 1));
}
