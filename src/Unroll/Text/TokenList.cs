namespace Unroll.Text;

/// <summary>The tokens of a text as they are found.</summary>
internal sealed class TokenList
{
    private readonly List<int> _ids = [];
    private readonly List<TextSpan> _spans = [];

    public int Count => _ids.Count;

    public void Add(int id, TextSpan span)
    {
        _ids.Add(id);
        _spans.Add(span);
    }

    /// <summary>The end of the last token's span, 0 before the first.</summary>
    public int End => _spans.Count == 0 ? 0 : _spans[^1].End;

    public void Truncate(int count)
    {
        _ids.RemoveRange(count, _ids.Count - count);
        _spans.RemoveRange(count, _spans.Count - count);
    }

    public TokenizedText ToText(bool isTruncated) => new([.. _ids], [.. _spans], isTruncated);
}
