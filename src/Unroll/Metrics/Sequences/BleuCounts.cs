using System.Runtime.InteropServices;

namespace Unroll.Metrics.Sequences;

/// <summary>The counts that BLEU is made of, summed over sentences.</summary>
internal sealed class BleuCounts(BleuOptions options)
{
    public const int Order = 4;

    private readonly BleuTokenizer _tokenizer = new(options);
    private readonly NgramTable _table = new();
    private readonly List<int> _hypothesis = [], _reference = [];
    private readonly long[] _matches = new long[Order], _totals = new long[Order];
    private long _hypothesisLength, _referenceLength;

    public void Add(string hypothesis, IReadOnlyList<string> references)
    {
        _tokenizer.Tokenize(hypothesis, _hypothesis);
        int length = _hypothesis.Count, closest = -1;
        _table.Clear();
        foreach (string reference in references)
        {
            _tokenizer.Tokenize(reference, _reference);
            _table.AddReference(CollectionsMarshal.AsSpan(_reference), Order);
            int distance = Math.Abs(_reference.Count - length), least = Math.Abs(closest - length);
            if (closest < 0 || distance < least || (distance == least && _reference.Count < closest)) closest = _reference.Count;
        }
        _table.Match(CollectionsMarshal.AsSpan(_hypothesis), _matches);
        for (int n = 0; n < Order; n++) _totals[n] += Math.Max(0, length - n);
        _hypothesisLength += length;
        _referenceLength += closest;
    }

    public BleuScore Score(string signature)
    {
        double penalty = _hypothesisLength >= _referenceLength ? 1
            : _hypothesisLength == 0 ? 0 : DoubleElementary.Exp(1 - (double)_referenceLength / _hypothesisLength);
        var precisions = new double[Order];
        int orders = _matches.Any(count => count != 0) ? Smooth(precisions) : 0;
        double score = 0;
        if (orders > 0 && !precisions.AsSpan(0, orders).Contains(0))
        {
            double logs = 0;
            foreach (double precision in precisions.AsSpan(0, orders)) logs += DoubleElementary.Log(precision);
            score = penalty * DoubleElementary.Exp(logs / orders);
        }
        return new BleuScore(score, precisions, _matches, _totals, penalty, _hypothesisLength, _referenceLength, signature);
    }

    /// <summary>Fills in the precisions in percent and returns how many of them count.</summary>
    private int Smooth(double[] precisions)
    {
        int orders = options.EffectiveOrder ? 0 : Order;
        double share = 1;
        for (int n = 0; n < Order; n++)
        {
            double added = options.Smoothing == BleuSmoothing.AddK && n > 0 ? options.Value : 0;
            double matches = _matches[n] + added, total = _totals[n] + added;
            if (total == 0) break;
            if (options.EffectiveOrder) orders = n + 1;
            if (matches == 0)
            {
                if (options.Smoothing == BleuSmoothing.Exponential) matches = share /= 2;
                else if (options.Smoothing == BleuSmoothing.Floor) matches = options.Value;
            }
            precisions[n] = 100 * matches / total;
        }
        return orders;
    }
}
