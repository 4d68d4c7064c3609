namespace Unroll.Tests.Reference;

/// <summary>Structured outputs by listing every path, in double precision; for small cases.</summary>
internal static class StructuredReference
{
    /// <summary>Every sequence of <paramref name="steps"/> numbers below <paramref name="choices"/>.</summary>
    public static IEnumerable<int[]> Paths(int steps, int choices)
    {
        int count = 1;
        for (int t = 0; t < steps; t++) count *= choices;
        for (int n = 0; n < count; n++)
        {
            var path = new int[steps];
            for (int t = 0, rest = n; t < steps; t++, rest /= choices) path[t] = rest % choices;
            yield return path;
        }
    }

    /// <summary>Repeats merged, then blanks dropped (Graves et al. 2006, section 3.1).</summary>
    public static int[] Collapse(int[] path, int blank) =>
        [.. path.Where((c, t) => (t == 0 || path[t - 1] != c) && c != blank)];

    /// <summary>The log probability of each label sequence, by its labels separated with commas.</summary>
    public static Dictionary<string, double> CtcLabelLogProbabilities(double[][] logits, int blank)
    {
        double[][] logs = [.. logits.Select(LogSoftmax)];
        var sums = new Dictionary<string, double>();
        foreach (int[] path in Paths(logits.Length, logits.Length == 0 ? 1 : logits[0].Length))
        {
            string key = string.Join(",", Collapse(path, blank));
            sums[key] = sums.GetValueOrDefault(key) + Math.Exp(path.Select((c, t) => logs[t][c]).Sum());
        }
        return sums.ToDictionary(pair => pair.Key, pair => Math.Log(pair.Value));
    }

    public static double Ctc(double[][] logits, int[] labels, int blank) =>
        -CtcLabelLogProbabilities(logits, blank).GetValueOrDefault(string.Join(",", labels), double.NegativeInfinity);

    /// <summary>The score of a path of tags (Lafferty et al. 2001); −∞ where a transition is.</summary>
    public static double ChainScore(double[][] emissions, int[] path, double[] transitions, double[] start, double[] end)
    {
        int tags = start.Length;
        double score = start[path[0]] + end[path[^1]];
        for (int t = 0; t < path.Length; t++) score += emissions[t][path[t]] + (t == 0 ? 0 : transitions[path[t - 1] * tags + path[t]]);
        return score;
    }

    /// <summary>log Σ e^score over every path.</summary>
    public static double ChainLogPartition(double[][] emissions, double[] transitions, double[] start, double[] end) =>
        Math.Log(Paths(emissions.Length, start.Length).Sum(path => Math.Exp(ChainScore(emissions, path, transitions, start, end))));

    public static double ChainLoss(double[][] emissions, int[] tags, double[] transitions, double[] start, double[] end) =>
        emissions.Length == 0 ? 0 : ChainLogPartition(emissions, transitions, start, end) - ChainScore(emissions, tags, transitions, start, end);

    /// <summary>−log Σ_k π_k Π_d N(y_d; μ_kd, s_kd²), straight from the formula.</summary>
    public static double Mixture(double[] row, double[] y, int components)
    {
        int targets = y.Length;
        double total = row.Take(components).Sum(Math.Exp), density = 0;
        for (int k = 0; k < components; k++)
        {
            double product = Math.Exp(row[k]) / total;
            for (int d = 0; d < targets; d++)
            {
                double mean = row[components + k * targets + d], scale = Math.Log(1 + Math.Exp(row[components + (components + k) * targets + d])) + 0.001f;
                product *= Math.Exp(-0.5 * Math.Pow((y[d] - mean) / scale, 2)) / (scale * Math.Sqrt(2 * Math.PI));
            }
            density += product;
        }
        return -Math.Log(density);
    }

    public static double[] LogSoftmax(double[] row)
    {
        double log = Math.Log(row.Sum(Math.Exp));
        return [.. row.Select(x => x - log)];
    }

    /// <summary>The real steps of sequence b of a [B, T, F].</summary>
    public static double[][] Steps(ReferenceTensor x, int b)
    {
        int time = x.Shape[1], features = x.Shape[2], length = x.Lengths?[b] ?? time;
        return [.. Enumerable.Range(0, length).Select(t => x.Values[((b * time + t) * features)..((b * time + t + 1) * features)])];
    }
}
