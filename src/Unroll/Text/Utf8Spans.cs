using System.Text;

namespace Unroll.Text;

/// <summary>Where runs of a text's UTF-8 bytes stand in the text, one run after the other.</summary>
internal ref struct Utf8Spans
{
    private readonly ReadOnlySpan<char> _text;
    private readonly int _start;
    private int _character, _byte; // the rune that holds the byte at _position: its first unit and its first byte
    private int _position;

    /// <param name="text">A piece of a text without lone surrogates.</param>
    /// <param name="start">Where the piece stands.</param>
    public Utf8Spans(ReadOnlySpan<char> text, int start)
    {
        _text = text;
        _start = start;
    }

    /// <summary>Every character of which the next bytes hold one.</summary>
    public TextSpan Next(int bytes)
    {
        int first = _character, end = _position += bytes;
        while (true)
        {
            Rune.DecodeFromUtf16(_text[_character..], out Rune rune, out int units);
            int behind = _byte + rune.Utf8SequenceLength;
            if (behind > end) return new TextSpan(_start + first, _character + units - first); // the next run begins in this rune
            _character += units;
            _byte = behind;
            if (behind == end) return new TextSpan(_start + first, _character - first);
        }
    }
}
