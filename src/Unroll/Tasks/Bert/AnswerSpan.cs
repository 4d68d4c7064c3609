namespace Unroll.Tasks;

/// <summary>Where an answer lies among the tokens read.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="End">Its last token.</param>
/// <param name="Score">The sum of the two logits.</param>
public readonly record struct AnswerSpan(int Start, int End, float Score)
{
    /// <summary>
    /// The span of the highest sum of its start's and its end's logits (Devlin et al. 2019, arXiv 1810.04805, section 4.2); of equal ones that which starts
    /// first, then the shorter.
    /// </summary>
    /// <param name="start">The logits [T] of where it starts.</param>
    /// <param name="end">The logits [T] of where it ends.</param>
    /// <param name="first">The first token that may be in it, such as that behind the question. Default 0.</param>
    /// <param name="limit">The token behind the last that may be; null for T.</param>
    /// <param name="maximumLength">The most tokens. At least 1; default 30.</param>
    /// <exception cref="ArgumentException">Different numbers of logits, or no token that may be in it.</exception>
    public static AnswerSpan Best(ReadOnlySpan<float> start, ReadOnlySpan<float> end, int first = 0, int? limit = null, int maximumLength = 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLength, 1);
        int behind = limit ?? start.Length;
        if (start.Length != end.Length) throw new ArgumentException($"AnswerSpan: expected as many logits of ends as of starts, {start.Length}, received {end.Length}.", nameof(end));
        if (first < 0 || behind > start.Length || first >= behind)
            throw new ArgumentException($"AnswerSpan: expected at least one token from 0 to {start.Length - 1}, received those from {first} to {behind - 1}.", nameof(first));
        var best = new AnswerSpan(first, first, float.NegativeInfinity);
        for (int s = first; s < behind; s++)
        {
            for (int e = s; e < Math.Min(behind, s + maximumLength); e++)
            {
                float score = start[s] + end[e];
                if (score > best.Score) best = new AnswerSpan(s, e, score);
            }
        }
        return best;
    }
}
