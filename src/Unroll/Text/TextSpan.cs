namespace Unroll.Text;

/// <summary>A part of a text.</summary>
/// <param name="Start">Its first UTF-16 unit.</param>
/// <param name="Length">How many UTF-16 units it has; 0 for a token that stands for no text.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>The unit behind its last.</summary>
    public int End => Start + Length;

    /// <summary>The part itself.</summary>
    /// <param name="text">The text that was encoded.</param>
    public string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Substring(Start, Length);
    }
}
