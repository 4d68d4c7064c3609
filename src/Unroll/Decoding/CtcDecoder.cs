using System.Globalization;
using Unroll.Tensors;

namespace Unroll.Decoding;

/// <summary>
/// Reads label sequences from the outputs of a model that was trained with <c>Loss.Ctc()</c>, and aligns known ones.
/// Outputs [B, T, C] are logits or log probabilities, with lengths where sequences differ (give what <c>Predict</c>
/// answers its inputs' lengths with <see cref="Tensor.WithLengths"/>). Double precision; ties have a fixed order.
/// </summary>
public static class CtcDecoder
{
    /// <summary>The labels of the single best path (Graves et al. 2006, section 3.2): the best class of each step, repeats merged, blanks dropped. Of equal classes the lower.</summary>
    /// <param name="outputs">[B, T, C].</param>
    /// <param name="blank">The class that stands for no label. Default 0.</param>
    /// <returns>One for each sequence.</returns>
    /// <exception cref="ArgumentException">Another shape, a blank out of range, or NaN.</exception>
    public static CtcHypothesis[] Greedy(Tensor outputs, int blank = 0)
    {
        var logs = new LogRows("CTC decoder", outputs, blank);
        var answers = new CtcHypothesis[logs.Batch];
        for (int b = 0; b < answers.Length; b++)
        {
            var labels = new List<int>();
            double log = 0;
            int last = blank;
            foreach (double[] row in logs.Sequence(b))
            {
                int best = 0;
                for (int c = 1; c < row.Length; c++) if (row[c] > row[best]) best = c;
                log += row[best];
                if (best != blank && best != last) labels.Add(best);
                last = best;
            }
            answers[b] = new CtcHypothesis(labels, log, log);
        }
        return answers;
    }

    /// <summary>
    /// The most probable label sequences by prefix beam search (Graves 2012, section 7.5; Hannun et al. 2014, algorithm 1).
    /// Of equal scores the shorter sequence comes first, then the one with the lower labels.
    /// </summary>
    /// <param name="outputs">[B, T, C].</param>
    /// <param name="width">How many prefixes are kept at each step, at least 1. Default 25.</param>
    /// <param name="best">How many answers a sequence, best first, from 1 to <paramref name="width"/>; there may be fewer. Default 1.</param>
    /// <param name="blank">The class that stands for no label. Default 0.</param>
    /// <param name="languageModel">
    /// What a label adds to the score behind the labels before it: a log probability, already weighted. Asked once for
    /// each prefix and label. Null for 0.
    /// </param>
    /// <returns>For each sequence its answers.</returns>
    /// <exception cref="ArgumentException">Another shape, a blank or a number out of range, or NaN.</exception>
    public static IReadOnlyList<CtcHypothesis>[] BeamSearch(
        Tensor outputs, int width = 25, int best = 1, int blank = 0, Func<IReadOnlyList<int>, int, double>? languageModel = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (best < 1 || best > width) throw new ArgumentOutOfRangeException(nameof(best), best, $"CTC decoder: expected 1 to {width} answers, the width of the beam.");
        var logs = new LogRows("CTC decoder", outputs, blank);
        var answers = new IReadOnlyList<CtcHypothesis>[logs.Batch];
        for (int b = 0; b < answers.Length; b++) answers[b] = new CtcPrefixBeam(width, blank, languageModel).Search(logs.Sequence(b), best);
        return answers;
    }

    /// <summary>The most probable path that spells given labels (Viterbi 1967). Of equal paths the one that, read from its end, stays with a label longer.</summary>
    /// <param name="outputs">[B, T, C].</param>
    /// <param name="labels">[B, L] classes without the blank, with lengths where they differ in number (<see cref="Tensor.FromTokens"/>).</param>
    /// <param name="blank">The class that stands for no label. Default 0.</param>
    /// <returns>One for each sequence.</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit, a label out of range, or labels that do not fit into the steps.</exception>
    public static CtcAlignment[] Align(Tensor outputs, Tensor labels, int blank = 0)
    {
        var logs = new LogRows("CTC alignment", outputs, blank);
        if (labels.Shape.Rank != 2 || labels.Shape[0] != logs.Batch)
            throw new ArgumentException($"CTC alignment: outputs {outputs.Shape} need labels [{logs.Batch}, labels], received {labels.Shape}.", nameof(labels));
        float[] given = labels.ToArray();
        int most = labels.Shape[1];
        var answers = new CtcAlignment[logs.Batch];
        for (int b = 0; b < answers.Length; b++)
        {
            var wanted = new int[labels.Lengths.IsEmpty ? most : labels.Lengths[b]];
            for (int i = 0; i < wanted.Length; i++)
            {
                float label = given[b * most + i];
                if (!(label >= 0f && label < logs.Classes) || label != MathF.Floor(label) || label == blank)
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"CTC alignment: label {i} of batch row {b} is {label}; expected a whole number from 0 to {logs.Classes - 1} other than the blank, {blank}."), nameof(labels));
                wanted[i] = (int)label;
            }
            answers[b] = CtcViterbi.Align(logs.Sequence(b), wanted, blank)
                ?? throw new ArgumentException($"CTC alignment: batch row {b}: its {wanted.Length} labels cannot be aligned with its {logs.Sequence(b).Length} steps; equal neighbours need a blank between.", nameof(labels));
        }
        return answers;
    }
}
