namespace Unroll.Metrics.Sequences;

/// <summary>How <see cref="Bleu"/> divides a sentence into words; the names of the signature are sacreBLEU's.</summary>
public enum BleuTokenization
{
    /// <summary>"13a": the rules of NIST's mteval-v13a, WMT's standard, for languages that put spaces between words.</summary>
    Mteval13a,

    /// <summary>"intl": the rules of mteval-v14, which know the punctuation and symbols of all scripts.</summary>
    International,

    /// <summary>"char": every code point but whitespace is a word, for languages without spaces.</summary>
    Character,

    /// <summary>"none": the words stand between whitespace already.</summary>
    None,
}
