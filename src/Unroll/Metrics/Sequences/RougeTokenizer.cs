namespace Unroll.Metrics.Sequences;

/// <summary>Texts as lists of numbers, one for each word.</summary>
internal sealed class RougeTokenizer(RougeTokenization tokenization)
{
    private readonly TokenIds _ids = new();
    private readonly TextBuffer _word = new();

    public int[] Tokens(ReadOnlySpan<char> text)
    {
        var tokens = new List<int>();
        if (tokenization == RougeTokenization.Whitespace) _ids.AddWords(text, tokens);
        else AddAsciiWords(text, tokens);
        return [.. tokens];
    }

    /// <summary>The words of each line that is not empty: a line is a sentence.</summary>
    public int[][] Sentences(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Tokens(line))];

    private void AddAsciiWords(ReadOnlySpan<char> text, List<int> tokens)
    {
        _word.Clear();
        foreach (char c in text)
        {
            char small = char.ToLowerInvariant(c);
            if (char.IsAsciiLetterLower(small) || char.IsAsciiDigit(small)) _word.Add(small);
            else EndWord(tokens);
        }
        EndWord(tokens);
    }

    private void EndWord(List<int> tokens)
    {
        if (_word.Text.IsEmpty) return;
        tokens.Add(_ids.Of(_word.Text));
        _word.Clear();
    }
}
