namespace Unroll.Metrics.Sequences;

/// <summary>What <see cref="Rouge"/> finds, each in [0, 1].</summary>
/// <param name="Precision">Matches per n-gram or word of the hypothesis.</param>
/// <param name="Recall">Matches per n-gram or word of the reference.</param>
/// <param name="F1">The harmonic mean of the two; of a corpus, the mean of its pairs' F1.</param>
public readonly record struct RougeScore(double Precision, double Recall, double F1)
{
    /// <summary>The shares of counts; 0 where there is nothing to take a share of.</summary>
    internal static RougeScore Of(long matches, long hypothesis, long reference)
    {
        if (matches == 0) return default;
        double precision = (double)matches / hypothesis, recall = (double)matches / reference;
        return new RougeScore(precision, recall, 2 * precision * recall / (precision + recall));
    }
}
