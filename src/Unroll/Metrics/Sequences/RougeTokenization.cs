namespace Unroll.Metrics.Sequences;

/// <summary>How <see cref="Rouge"/> divides a text into words.</summary>
public enum RougeTokenization
{
    /// <summary>ROUGE-1.5.5's: runs of ASCII letters and digits, in lower case; everything else only parts words.</summary>
    AsciiWords,

    /// <summary>What stands between whitespace, as it is, for other scripts and for texts divided before.</summary>
    Whitespace,
}
