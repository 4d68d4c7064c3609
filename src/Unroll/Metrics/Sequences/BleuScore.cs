using System.Globalization;

namespace Unroll.Metrics.Sequences;

/// <summary>What <see cref="Bleu"/> finds.</summary>
/// <param name="Score">BLEU in [0, 100].</param>
/// <param name="Precisions">The precisions of orders 1 to 4 in percent, smoothed; all 0 where no word matches.</param>
/// <param name="Matches">For each order how many n-grams of the hypotheses are in their references (clipped), before smoothing.</param>
/// <param name="Totals">For each order how many n-grams the hypotheses have, before smoothing.</param>
/// <param name="BrevityPenalty">exp(1 − references / hypotheses) where the hypotheses have fewer words, else 1; 0 without words.</param>
/// <param name="HypothesisLength">Words of all hypotheses.</param>
/// <param name="ReferenceLength">Words of the references that come closest in length, the shorter of two as close.</param>
/// <param name="Signature">How the number came about, in sacreBLEU's form.</param>
public sealed record BleuScore(
    double Score,
    IReadOnlyList<double> Precisions,
    IReadOnlyList<long> Matches,
    IReadOnlyList<long> Totals,
    double BrevityPenalty,
    long HypothesisLength,
    long ReferenceLength,
    string Signature)
{
    /// <summary>One line in the form that papers quote.</summary>
    public override string ToString()
    {
        string precisions = string.Join('/', Precisions.Select(precision => precision.ToString("F1", CultureInfo.InvariantCulture)));
        double ratio = ReferenceLength == 0 ? 0 : (double)HypothesisLength / ReferenceLength;
        return FormattableString.Invariant($"BLEU = {Score:F2} {precisions} (BP = {BrevityPenalty:F3} ratio = {ratio:F3} hyp_len = {HypothesisLength} ref_len = {ReferenceLength})");
    }
}
