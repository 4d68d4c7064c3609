using System.Globalization;

namespace Unroll.Metrics.Sequences;

/// <summary>
/// chrF (Popović 2015) and, with word n-grams, chrF++ (Popović 2017) by sacreBLEU's definition: the F-score of the mean
/// precision and the mean recall of n-grams of code points, over the whole corpus, without smoothing. Of several
/// references the one with the best score counts.
/// </summary>
public static class Chrf
{
    /// <summary>The score of a corpus with one reference for each sentence.</summary>
    /// <param name="hypotheses">The texts to judge; they may be empty.</param>
    /// <param name="references">As many texts to judge them by.</param>
    /// <param name="options">Settings; null for chrF2.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of range.</exception>
    public static ChrfScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, ChrfOptions? options = null)
    {
        SequencePairs.Check("chrF", hypotheses, references);
        return Of(hypotheses, SequencePairs.One(references), options);
    }

    /// <summary>The score of a corpus with one or more references for each sentence.</summary>
    /// <param name="hypotheses">The texts to judge; they may be empty.</param>
    /// <param name="references">For each hypothesis its references, of any number but none. An empty one beside others does not count.</param>
    /// <param name="options">Settings; null for chrF2.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts, a sentence without reference or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of range.</exception>
    public static ChrfScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, ChrfOptions? options = null)
    {
        ChrfOptions settings = options ?? new();
        settings.Check();
        IReadOnlyList<IReadOnlyList<string>> counted = SequencePairs.Check("chrF", hypotheses, references);
        var counts = new ChrfCounts(settings);
        for (int i = 0; i < hypotheses.Count; i++) counts.Add(hypotheses[i], counted[i]);
        string name = "chrF" + settings.Beta.ToString(CultureInfo.InvariantCulture) + new string('+', settings.WordOrder);
        return new ChrfScore(counts.Score, name, settings.Signature(SequenceSignature.References(counted)));
    }
}
