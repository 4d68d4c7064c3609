namespace Unroll.Metrics.Sequences;

/// <summary>Numbers for words, so that n-grams are compared as integers. The same word has the same number.</summary>
internal sealed class TokenIds
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public TokenIds() => _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The number of a word; a new one for a word not seen before.</summary>
    public int Of(ReadOnlySpan<char> word)
    {
        if (!_lookup.TryGetValue(word, out int id)) _lookup[word] = id = _ids.Count;
        return id;
    }

    /// <summary>Adds the numbers of the words that stand between whitespace.</summary>
    public void AddWords(ReadOnlySpan<char> text, List<int> tokens)
    {
        while (TextUnits.NextWord(ref text, out ReadOnlySpan<char> word)) tokens.Add(Of(word));
    }
}
