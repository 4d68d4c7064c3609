namespace Unroll.Metrics.Sequences;

/// <summary>
/// BLEU (Papineni et al. 2002) by sacreBLEU's definition (Post 2018): the geometric mean of the clipped precisions of 1- to
/// 4-grams over the whole corpus, times the brevity penalty. Texts are given as people read them, not divided into words.
/// For token lists join the tokens with spaces and take <see cref="BleuTokenization.None"/>.
/// </summary>
public static class Bleu
{
    /// <summary>The score of a corpus with one reference for each sentence.</summary>
    /// <param name="hypotheses">The texts to judge; an empty one has no words and counts as such.</param>
    /// <param name="references">As many texts to judge them by.</param>
    /// <param name="options">Settings; null for sacreBLEU's defaults.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of range.</exception>
    public static BleuScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, BleuOptions? options = null)
    {
        SequencePairs.Check("BLEU", hypotheses, references);
        return Of(hypotheses, SequencePairs.One(references), options);
    }

    /// <summary>The score of a corpus with one or more references for each sentence.</summary>
    /// <param name="hypotheses">The texts to judge; an empty one has no words and counts as such.</param>
    /// <param name="references">For each hypothesis its references, of any number but none. An empty one beside others does not count; alone it is a reference without words.</param>
    /// <param name="options">Settings; null for sacreBLEU's defaults.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts, a sentence without reference or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of range.</exception>
    public static BleuScore Of(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, BleuOptions? options = null)
    {
        BleuOptions settings = options ?? new();
        settings.Check();
        IReadOnlyList<IReadOnlyList<string>> counted = SequencePairs.Check("BLEU", hypotheses, references);
        string signature = settings.Signature(SequenceSignature.References(counted)); // refuses a setting that is none
        var counts = new BleuCounts(settings);
        for (int i = 0; i < hypotheses.Count; i++) counts.Add(hypotheses[i], counted[i]);
        return counts.Score(signature);
    }

    /// <summary>The score of one sentence, with <see cref="BleuOptions.EffectiveOrder"/> whatever the options say.</summary>
    /// <param name="hypothesis">The text to judge.</param>
    /// <param name="references">At least one text to judge it by.</param>
    /// <param name="options">Settings; null for sacreBLEU's defaults.</param>
    /// <exception cref="ArgumentException">No reference or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of range.</exception>
    public static BleuScore OfSentence(string hypothesis, IReadOnlyList<string> references, BleuOptions? options = null) =>
        Of([hypothesis], [references], (options ?? new()) with { EffectiveOrder = true });
}
