namespace Unroll.Metrics.Sequences;

/// <summary>Sentences as lists of numbers, one for each word.</summary>
internal sealed class BleuTokenizer(BleuOptions options)
{
    private readonly TokenIds _ids = new();
    private readonly TextBuffer _first = new(), _second = new();

    /// <summary>Puts a sentence's words into a list in place of what was there.</summary>
    public void Tokenize(string sentence, List<int> tokens)
    {
        tokens.Clear();
        string text = options.LowerCase ? sentence.ToLowerInvariant() : sentence;
        switch (options.Tokenization)
        {
            case BleuTokenization.Mteval13a:
                ReadOnlySpan<char> kept = TextUnits.TrimmedAtEnd(text); // first, so that a last hyphen and line break keep the hyphen
                _ids.AddWords(Mteval13a.Run(kept.Length == text.Length ? text : kept.ToString(), _first, _second).Text, tokens);
                break;
            case BleuTokenization.International:
                _ids.AddWords(MtevalInternational.Run(TextUnits.TrimmedAtEnd(text), _first, _second).Text, tokens);
                break;
            case BleuTokenization.Character:
                TextUnits.AddCodePoints(text, keepWhitespace: false, tokens);
                break;
            default:
                _ids.AddWords(text, tokens);
                break;
        }
    }
}
