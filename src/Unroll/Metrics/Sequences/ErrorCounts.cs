namespace Unroll.Metrics.Sequences;

/// <summary>Tokens by kind of the alignment with the fewest errors and, of those, the most hits. Counts of sentences add up to those of a corpus.</summary>
/// <param name="Hits">Tokens that both sides have.</param>
/// <param name="Substitutions">Tokens with another in their place.</param>
/// <param name="Deletions">Tokens of the reference alone.</param>
/// <param name="Insertions">Tokens of the hypothesis alone.</param>
public readonly record struct ErrorCounts(long Hits, long Substitutions, long Deletions, long Insertions)
{
    /// <summary>Substitutions, deletions and insertions: the Levenshtein distance.</summary>
    public long Errors => Substitutions + Deletions + Insertions;

    /// <summary>Tokens of the hypothesis.</summary>
    public long HypothesisLength => Hits + Substitutions + Insertions;

    /// <summary>Tokens of the reference.</summary>
    public long ReferenceLength => Hits + Substitutions + Deletions;

    /// <summary>Errors per token of the reference, at least 0 and possibly above 1; the number of errors where the reference has none, as in jiwer.</summary>
    public double Rate => (double)Errors / Math.Max(1, ReferenceLength);

    /// <summary>The counts of both.</summary>
    public static ErrorCounts operator +(ErrorCounts left, ErrorCounts right) =>
        new(left.Hits + right.Hits, left.Substitutions + right.Substitutions, left.Deletions + right.Deletions, left.Insertions + right.Insertions);
}
