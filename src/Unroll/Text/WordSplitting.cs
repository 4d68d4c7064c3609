namespace Unroll.Text;

/// <summary>How a text is cut into words.</summary>
public enum WordSplitting
{
    /// <summary>
    /// A word is a run of letters, digits and combining marks, and of apostrophes (' and ’) between two of them: "don't" is
    /// one. Whitespace parts words; every other character is a word of its own.
    /// </summary>
    Words,

    /// <summary>A word is a run of anything but whitespace.</summary>
    Whitespace,
}
