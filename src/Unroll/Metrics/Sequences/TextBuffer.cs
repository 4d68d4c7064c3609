namespace Unroll.Metrics.Sequences;

/// <summary>Characters that a pass over a text writes; used again for the next text.</summary>
internal sealed class TextBuffer
{
    private char[] _chars = new char[256];
    private int _length;

    public ReadOnlySpan<char> Text => _chars.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Add(char c)
    {
        if (_length == _chars.Length) Array.Resize(ref _chars, 2 * _length);
        _chars[_length++] = c;
    }

    public void Add(ReadOnlySpan<char> text)
    {
        foreach (char c in text) Add(c);
    }
}
