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
    /// <param name="pieces">Adds the pieces of a text, the tokens being what they hold.</param>
    /// <param name="normalized">What a text is turned into before, without changing its length.</param>
    /// <exception cref="ArgumentException">A text that is null or has half a surrogate pair.</exception>
    public static TokenCounts Of(IEnumerable<string> texts, Action<string, List<TextSpan>> pieces, Func<string, string>? normalized = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var counts = new TokenCounts();
        var spans = new List<TextSpan>();
        int index = 0;
        foreach (string text in texts)
        {
            if (text is null) throw new ArgumentException($"Text {index} is null.", nameof(texts));
            string read = SurrogatePairs.Checked(text, LoneSurrogates.Refuse, $"Text {index}");
            if (normalized is not null) read = normalized(read);
            spans.Clear();
            pieces(read, spans);
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
