using System.Runtime.InteropServices;

namespace Unroll.Metrics.Sequences;

/// <summary>
/// Word error rate and character error rate: the Levenshtein distance from the references per token of theirs, over the whole
/// corpus. Words stand between whitespace. Characters are code points, those of whitespace inside a text included and
/// those at its ends not, as in jiwer; a letter with a combining accent is two. Case and punctuation count: take them out before if they should not.
/// </summary>
public static class ErrorRate
{
    /// <summary>The words of one hypothesis against its reference.</summary>
    /// <exception cref="ArgumentException">A null text.</exception>
    public static ErrorCounts Words(string hypothesis, string reference) => Words([hypothesis], [reference]);

    /// <summary>The words of a corpus, sentence by sentence; <see cref="ErrorCounts.Rate"/> is the word error rate.</summary>
    /// <param name="hypotheses">The texts to judge; they may be empty.</param>
    /// <param name="references">As many texts to judge them by; they may be empty.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts or a null text.</exception>
    public static ErrorCounts Words(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references)
    {
        var ids = new TokenIds();
        return Sum("Word error rate", hypotheses, references, (text, tokens) => ids.AddWords(text, tokens));
    }

    /// <summary>The characters of one hypothesis against its reference.</summary>
    /// <exception cref="ArgumentException">A null text.</exception>
    public static ErrorCounts Characters(string hypothesis, string reference) => Characters([hypothesis], [reference]);

    /// <summary>The characters of a corpus, sentence by sentence; <see cref="ErrorCounts.Rate"/> is the character error rate.</summary>
    /// <param name="hypotheses">The texts to judge; they may be empty.</param>
    /// <param name="references">As many texts to judge them by; they may be empty.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts or a null text.</exception>
    public static ErrorCounts Characters(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references) =>
        Sum("Character error rate", hypotheses, references, (text, tokens) => TextUnits.AddCodePoints(TextUnits.Trimmed(text), keepWhitespace: true, tokens));

    /// <summary>Tokens of any kind, such as ids or phonemes, of one hypothesis against its reference.</summary>
    public static ErrorCounts Tokens<T>(IReadOnlyList<T> hypothesis, IReadOnlyList<T> reference) where T : notnull
    {
        (int[] judged, int[] by) = Numbers(hypothesis, reference);
        return EditDistance.Counts(judged, by);
    }

    /// <summary>The alignment behind <see cref="Words(string, string)"/>.</summary>
    /// <exception cref="ArgumentException">A null text, or texts too long to align.</exception>
    public static TokenAlignment<string> AlignWords(string hypothesis, string reference)
    {
        SequencePairs.Check("Alignment", [hypothesis], [reference]);
        return AlignTokens(SplitWords(hypothesis), SplitWords(reference));
    }

    /// <summary>The alignment behind <see cref="Characters(string, string)"/>; each token is one code point.</summary>
    /// <exception cref="ArgumentException">A null text, or texts too long to align.</exception>
    public static TokenAlignment<string> AlignCharacters(string hypothesis, string reference)
    {
        SequencePairs.Check("Alignment", [hypothesis], [reference]);
        return AlignTokens(SplitCharacters(hypothesis), SplitCharacters(reference));
    }

    /// <summary>The alignment behind <see cref="Tokens"/>: fewest errors, then most hits, then hits and substitutions as far back as can be, then deletions.</summary>
    /// <exception cref="ArgumentException">Too many tokens to align.</exception>
    public static TokenAlignment<T> AlignTokens<T>(IReadOnlyList<T> hypothesis, IReadOnlyList<T> reference) where T : notnull
    {
        (int[] judged, int[] by) = Numbers(hypothesis, reference);
        return new TokenAlignment<T>(hypothesis, reference, EditDistance.Steps(judged, by));
    }

    private static ErrorCounts Sum(string metric, IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, Action<string, List<int>> split)
    {
        SequencePairs.Check(metric, hypotheses, references);
        List<int> judged = [], by = [];
        ErrorCounts sum = default;
        for (int i = 0; i < hypotheses.Count; i++)
        {
            judged.Clear();
            by.Clear();
            split(hypotheses[i], judged);
            split(references[i], by);
            sum += EditDistance.Counts(CollectionsMarshal.AsSpan(judged), CollectionsMarshal.AsSpan(by));
        }
        return sum;
    }

    private static (int[] Hypothesis, int[] Reference) Numbers<T>(IReadOnlyList<T> hypothesis, IReadOnlyList<T> reference) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(reference);
        var ids = new Dictionary<T, int>();
        int Id(T token)
        {
            ref int id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, token, out bool known);
            if (!known) id = ids.Count;
            return id;
        }
        return ([.. hypothesis.Select(Id)], [.. reference.Select(Id)]);
    }

    private static List<string> SplitWords(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        while (TextUnits.NextWord(ref text, out ReadOnlySpan<char> word)) words.Add(word.ToString());
        return words;
    }

    private static List<string> SplitCharacters(ReadOnlySpan<char> text)
    {
        text = TextUnits.Trimmed(text);
        var characters = new List<string>();
        for (int i = 0, width; i < text.Length; i += width)
        {
            TextUnits.CodePoint(text, i, out width);
            characters.Add(text.Slice(i, width).ToString());
        }
        return characters;
    }
}
