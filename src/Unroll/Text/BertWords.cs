using System.Globalization;
using System.Text;

namespace Unroll.Text;

/// <summary>
/// A text as BERT's basic tokenizer cleans and cuts it (Devlin et al. 2018, arXiv 1810.04805; their published code): control and
/// format characters, NUL and U+FFFD are dropped, ideographs stand alone, whitespace parts words, punctuation is a word of its
/// own; lowered text loses its accents.
/// </summary>
internal sealed class BertWords
{
    private readonly StringBuilder _characters = new();
    private readonly List<TextSpan> _spans = []; // where each UTF-16 unit of _characters comes from
    private readonly List<Rune> _runes = [];
    private int _wordStart;

    private BertWords()
    {
    }

    /// <summary>The words' first units and lengths in <see cref="Characters"/>.</summary>
    public List<TextSpan> Words { get; } = [];

    /// <summary>The words, one behind the other.</summary>
    public string Characters { get; private set; } = "";

    public static BertWords Of(string text, bool lowerCase)
    {
        var words = new BertWords();
        for (int at = 0; at < text.Length;)
        {
            Rune rune = Rune.GetRuneAt(text, at);
            var span = new TextSpan(at, rune.Utf16SequenceLength);
            words.Add(rune, span, lowerCase);
            at = span.End;
        }
        words.EndWord();
        words.Characters = words._characters.ToString();
        return words;
    }

    /// <summary>Where a part of <see cref="Characters"/> stands in the text.</summary>
    public TextSpan SpanOf(int start, int length)
    {
        int first = _spans[start].Start;
        return new TextSpan(first, _spans[start + length - 1].End - first);
    }

    private void Add(Rune rune, TextSpan span, bool lowerCase)
    {
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (rune.Value is '\t' or '\n' or '\r' || category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        {
            EndWord();
            return;
        }
        if (rune.Value == 0xFFFD || category is UnicodeCategory.Control or UnicodeCategory.Format) return;
        if (IsIdeograph(rune.Value)) EndWord();
        _runes.Clear();
        if (lowerCase) CanonicalBases.Append(Lowered(rune), _runes);
        else _runes.Add(rune);
        if (_runes.Count == 0 && _characters.Length > _wordStart) // an accent belongs to what it stood on
            _spans[^1] = new TextSpan(_spans[^1].Start, span.End - _spans[^1].Start);
        foreach (Rune left in _runes)
        {
            bool alone = IsPunctuation(left);
            if (alone) EndWord();
            _characters.Append(left.ToString());
            for (int i = 0; i < left.Utf16SequenceLength; i++) _spans.Add(span);
            if (alone) EndWord();
        }
        if (IsIdeograph(rune.Value)) EndWord();
    }

    private void EndWord()
    {
        if (_characters.Length > _wordStart) Words.Add(new TextSpan(_wordStart, _characters.Length - _wordStart));
        _wordStart = _characters.Length;
    }

    /// <summary>Character by character; İ, which lowers to two characters of which the accent goes, is i on every platform.</summary>
    private static Rune Lowered(Rune rune) => rune.Value == 0x130 ? new Rune('i') : Rune.ToLowerInvariant(rune);

    private static bool IsPunctuation(Rune rune) =>
        rune.Value is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~' || Rune.IsPunctuation(rune);

    private static bool IsIdeograph(int code) => code
        is >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x2A6DF
        or >= 0x2A700 and <= 0x2CEAF or >= 0x2F800 and <= 0x2FA1F;
}
