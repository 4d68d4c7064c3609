namespace Unroll.Text;

/// <summary>How often each token comes in texts.</summary>
internal sealed class TokenCounts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public TokenCounts() => _bySpan = _counts.GetAlternateLookup<ReadOnlySpan<char>>();

    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Counts the pieces of every text.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cut">Adds the pieces of a text and gives the text in which they lie, normalised perhaps; the tokens are what they hold.</param>
    /// <exception cref="ArgumentException">A text that is null or has half a surrogate pair.</exception>
    public static TokenCounts Of(IEnumerable<string> texts, Func<string, List<TextSpan>, string> cut)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var counts = new TokenCounts();
        var spans = new List<TextSpan>();
        int index = 0;
        foreach (string text in texts)
        {
            if (text is null) throw new ArgumentException($"Text {index} is null.", nameof(texts));
            spans.Clear();
            string read = cut(SurrogatePairs.Checked(text, LoneSurrogates.Refuse, $"Text {index}"), spans);
            foreach (TextSpan span in spans) counts.Add(read.AsSpan(span.Start, span.Length));
            index++;
        }
        return counts;
    }

    private void Add(ReadOnlySpan<char> token)
    {
        ref long count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_bySpan, token, out _);
        count++;
    }
}
