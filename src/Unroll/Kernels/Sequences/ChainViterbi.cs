namespace Unroll.Kernels.Sequences;

/// <summary>The best path of tags through one sequence (Viterbi 1967): δ_t(j) = e_t(j) + max_i (δ_t−1(i) + transition(i, j)).</summary>
internal static unsafe class ChainViterbi
{
    /// <summary>Finds it; of equally good paths the one whose last tags are the lower.</summary>
    /// <param name="rows">[path.Length]: the row of each step.</param>
    /// <param name="emissions">[rows, tags].</param>
    /// <param name="scores">The chain's scores.</param>
    /// <param name="tags">How many tags.</param>
    /// <param name="path">Set to the tag of each step; at least one.</param>
    /// <returns>The path's score; −∞ where no path is allowed.</returns>
    public static float Run(ReadOnlySpan<int> rows, float* emissions, ChainScores scores, int tags, Span<int> path)
    {
        int width = ChainScores.Width(tags), steps = path.Length;
        var best = new float[tags];
        var next = new float[tags];
        var before = new int[(steps - 1) * tags];
        for (int j = 0; j < tags; j++) best[j] = scores.Start[j] + emissions[(long)rows[0] * tags + j];
        for (int t = 1; t < steps; t++)
        {
            for (int j = 0; j < tags; j++)
            {
                int from = 0;
                float score = best[0] + scores.Forward[j];
                for (int i = 1; i < tags; i++)
                {
                    float other = best[i] + scores.Forward[i * width + j];
                    if (other > score) (score, from) = (other, i);
                }
                next[j] = score + emissions[(long)rows[t] * tags + j];
                before[(t - 1) * tags + j] = from;
            }
            (best, next) = (next, best);
        }
        int last = 0;
        for (int j = 0; j < tags; j++)
        {
            best[j] += scores.End[j];
            if (best[j] > best[last]) last = j;
        }
        path[^1] = last;
        for (int t = steps - 1; t > 0; t--) path[t - 1] = before[(t - 1) * tags + path[t]];
        return best[last];
    }
}
