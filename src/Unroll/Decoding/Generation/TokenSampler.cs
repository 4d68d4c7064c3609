using Unroll.Kernels.Scalars;

namespace Unroll.Decoding;

/// <summary>Draws a token from log probabilities, in double precision and in a fixed order.</summary>
internal sealed class TokenSampler(TokenSampling sampling)
{
    private readonly List<(double Log, double Probability, int Token)> _left = [];

    /// <summary>The token, or −1 where all are forbidden.</summary>
    /// <param name="logs">[V], −∞ for a forbidden token.</param>
    /// <param name="present">The tokens that the sequence has, each once or more.</param>
    /// <param name="draw">A number in [0, 1).</param>
    public int Draw(ReadOnlySpan<float> logs, IReadOnlyList<int> present, double draw)
    {
        HashSet<int>? penalised = sampling.RepetitionPenalty > 1 ? [.. present] : null;
        double temperature = sampling.Temperature == 0 ? 1 : sampling.Temperature;
        _left.Clear();
        for (int token = 0; token < logs.Length; token++)
        {
            if (float.IsNegativeInfinity(logs[token])) continue;
            double log = penalised?.Contains(token) == true ? logs[token] * sampling.RepetitionPenalty : logs[token];
            _left.Add((log / temperature, 0, token));
        }
        if (_left.Count == 0) return -1;
        if (sampling.Temperature == 0) return Likeliest();
        Renormalise();
        bool isSorted = sampling.TopK > 0 || sampling.TopP < 1 || sampling.MinP > 0;
        if (isSorted) _left.Sort((a, b) => a.Log != b.Log ? b.Log.CompareTo(a.Log) : a.Token.CompareTo(b.Token));
        if (sampling.TopK > 0) Keep(sampling.TopK);
        if (sampling.TypicalP < 1) KeepTypical();
        if (sampling.TopP < 1) Keep(CountTo(sampling.TopP));
        if (sampling.MinP > 0) Keep(_left.FindLastIndex(one => one.Probability >= sampling.MinP * _left[0].Probability) + 1);

        double sum = 0;
        foreach ((_, double probability, int token) in _left)
            if (draw < (sum += probability)) return token;
        return _left[^1].Token; // the sum fell short of 1 by rounding
    }

    private int Likeliest()
    {
        (double Log, double, int Token) best = _left[0];
        foreach ((double Log, double, int Token) one in _left)
            if (one.Log > best.Log) best = one;
        return best.Token;
    }

    /// <summary>Leaves the first so many.</summary>
    private void Keep(int count)
    {
        if (count >= _left.Count) return;
        _left.RemoveRange(count, _left.Count - count);
        Renormalise();
    }

    private int CountTo(double share)
    {
        double sum = 0;
        int count = 0;
        while (count < _left.Count && sum < share) sum += _left[count++].Probability;
        return count;
    }

    /// <summary>By how near the surprise is to the entropy; then again in the order in which they were, the likeliest among them.</summary>
    private void KeepTypical()
    {
        double entropy = 0;
        foreach ((_, double probability, _) in _left)
            if (probability > 0) entropy -= probability * ScalarMath.Log(probability);
        int likeliest = Likeliest();
        double Distance((double Log, double Probability, int Token) one) => one.Probability > 0 ? Math.Abs(-ScalarMath.Log(one.Probability) - entropy) : double.PositiveInfinity;
        var kept = new HashSet<int> { likeliest };
        double sum = 0;
        foreach ((double Log, double Probability, int Token) one in _left.OrderBy(Distance).ThenBy(one => one.Token))
        {
            if (sum >= sampling.TypicalP) break;
            sum += one.Probability;
            kept.Add(one.Token);
        }
        _left.RemoveAll(one => !kept.Contains(one.Token));
        Renormalise();
    }

    private void Renormalise()
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach ((double log, _, _) in _left) largest = Math.Max(largest, log);
        for (int i = 0; i < _left.Count; i++)
        {
            double weight = ScalarMath.Exp(_left[i].Log - largest);
            _left[i] = (_left[i].Log, weight, _left[i].Token);
            sum += weight;
        }
        for (int i = 0; i < _left.Count; i++) _left[i] = (_left[i].Log, _left[i].Probability / sum, _left[i].Token);
    }
}
