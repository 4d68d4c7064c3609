namespace Unroll.Text;

/// <summary>What a character is.</summary>
public enum CharacterUnit
{
    /// <summary>A Unicode scalar value: é may be two, a family emoji seven. Fewer different tokens.</summary>
    Rune,

    /// <summary>An extended grapheme cluster (Unicode annex 29): what a reader sees as one.</summary>
    Grapheme,
}
