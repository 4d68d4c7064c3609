namespace Unroll.Decoding;

/// <summary>The best path through the labels with blanks around them, one sequence.</summary>
internal static class CtcViterbi
{
    /// <summary>The best alignment, or null where there is none.</summary>
    public static CtcAlignment? Align(double[][] logs, int[] labels, int blank)
    {
        int states = 2 * labels.Length + 1, steps = logs.Length;
        if (steps == 0) return labels.Length == 0 ? new CtcAlignment([], [], [], 0) : null;
        int Symbol(int s) => s % 2 == 0 ? blank : labels[s / 2];
        var moves = new byte[steps, states]; // how many states were passed to get here
        double[] best = [.. Enumerable.Range(0, states).Select(s => s < 2 ? logs[0][Symbol(s)] : double.NegativeInfinity)];
        for (int t = 1; t < steps; t++)
        {
            var next = new double[states];
            for (int s = 0; s < states; s++)
            {
                double score = best[s];
                if (s > 0 && best[s - 1] > score) (score, moves[t, s]) = (best[s - 1], 1);
                bool mayLeaveBlankOut = s % 2 == 1 && s > 2 && labels[s / 2] != labels[s / 2 - 1];
                if (mayLeaveBlankOut && best[s - 2] > score) (score, moves[t, s]) = (best[s - 2], 2);
                next[s] = score + logs[t][Symbol(s)];
            }
            best = next;
        }
        int state = states > 1 && best[states - 2] >= best[states - 1] ? states - 2 : states - 1;
        double log = best[state];
        if (double.IsNegativeInfinity(log)) return null;
        var path = new int[steps];
        int[] starts = new int[labels.Length], ends = new int[labels.Length];
        for (int t = steps - 1; t >= 0; t--)
        {
            int label = state % 2 == 0 ? -1 : state / 2;
            path[t] = label;
            if (label >= 0)
            {
                starts[label] = t;
                if (ends[label] == 0) ends[label] = t + 1;
            }
            state -= moves[t, state];
        }
        return new CtcAlignment(path, starts, ends, log);
    }
}
