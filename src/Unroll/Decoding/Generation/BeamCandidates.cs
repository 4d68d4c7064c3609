namespace Unroll.Decoding;

/// <summary>The best of many continuations: a heap whose top is the worst that is kept. Of equal scores the earlier sequence and the lower token.</summary>
internal sealed class BeamCandidates(int most)
{
    private readonly PriorityQueue<(double Score, int Sequence, int Token), (double Score, int Sequence, int Token)> _kept = new(most + 1, Comparer<(double Score, int Sequence, int Token)>.Create(Worse));

    /// <summary>A score that is not above this one is not kept; −∞ while there is room.</summary>
    public double Least { get; private set; } = double.NegativeInfinity;

    public void Offer(double score, int sequence, int token)
    {
        if (double.IsNegativeInfinity(score)) return;
        (double, int, int) candidate = (score, sequence, token);
        _kept.Enqueue(candidate, candidate);
        if (_kept.Count > most) _kept.Dequeue();
        if (_kept.Count == most) Least = _kept.Peek().Score;
    }

    /// <summary>Best first; afterwards there are none.</summary>
    public (double Score, int Sequence, int Token)[] Sorted()
    {
        var sorted = new (double, int, int)[_kept.Count];
        for (int i = sorted.Length - 1; i >= 0; i--) sorted[i] = _kept.Dequeue();
        return sorted;
    }

    private static int Worse((double Score, int Sequence, int Token) a, (double Score, int Sequence, int Token) b)
    {
        int order = a.Score.CompareTo(b.Score);
        if (order == 0) order = b.Sequence.CompareTo(a.Sequence);
        return order == 0 ? b.Token.CompareTo(a.Token) : order;
    }
}
