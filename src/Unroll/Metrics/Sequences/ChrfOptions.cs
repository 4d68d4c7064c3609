namespace Unroll.Metrics.Sequences;

/// <summary>Settings of <see cref="Chrf"/>; the defaults are sacreBLEU's.</summary>
public sealed record ChrfOptions
{
    /// <summary>The longest n-gram of characters, 1 to 100. Default 6.</summary>
    public int CharacterOrder { get; init; } = 6;

    /// <summary>The longest n-gram of words, 0 to 100: 0 is chrF, the default, and 2 is chrF++.</summary>
    public int WordOrder { get; init; }

    /// <summary>How many times recall counts as much as precision; finite, above 0. Default 2.</summary>
    public double Beta { get; init; } = 2;

    /// <summary>Whether letters are made small first, one code point for another. Default no.</summary>
    public bool LowerCase { get; init; }

    /// <summary>Whether whitespace counts among the characters. Default no.</summary>
    public bool KeepWhitespace { get; init; }

    internal string Signature(string references) => FormattableString.Invariant(
        $"nrefs:{references}|case:{(LowerCase ? "lc" : "mixed")}|eff:yes|nc:{CharacterOrder}|nw:{WordOrder}|space:{(KeepWhitespace ? "yes" : "no")}|version:{SequenceSignature.Version}");

    internal void Check()
    {
        if (CharacterOrder is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(CharacterOrder), $"chrF: expected a character order from 1 to 100, received {CharacterOrder}.");
        if (WordOrder is < 0 or > 100) throw new ArgumentOutOfRangeException(nameof(WordOrder), $"chrF: expected a word order from 0 to 100, received {WordOrder}.");
        if (!(Beta > 0 && double.IsFinite(Beta))) throw new ArgumentOutOfRangeException(nameof(Beta), $"chrF: expected a beta that is finite and above 0, received {Beta}.");
    }
}
