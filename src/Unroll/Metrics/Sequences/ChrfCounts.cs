using System.Runtime.InteropServices;

namespace Unroll.Metrics.Sequences;

/// <summary>The n-gram counts that chrF is made of, summed over sentences, each against its best reference.</summary>
internal sealed class ChrfCounts
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private readonly ChrfOptions _options;
    private readonly TokenIds _ids = new();
    private readonly NgramTable _table = new();
    private readonly List<int> _hypothesis = [], _hypothesisWords = [], _reference = [], _referenceWords = [];
    private readonly long[] _sum, _best, _candidate; // hypothesis n-grams, reference n-grams and matches, each by order

    public ChrfCounts(ChrfOptions options)
    {
        _options = options;
        int orders = options.CharacterOrder + options.WordOrder;
        (_sum, _best, _candidate) = (new long[3 * orders], new long[3 * orders], new long[3 * orders]);
    }

    public double Score => FScore(_sum);

    public void Add(string hypothesis, IReadOnlyList<string> references)
    {
        Split(hypothesis, _hypothesis, _hypothesisWords);
        double best = -1;
        foreach (string reference in references)
        {
            Split(reference, _reference, _referenceWords);
            Array.Clear(_candidate);
            Count(_hypothesis, _reference, 0, _options.CharacterOrder);
            Count(_hypothesisWords, _referenceWords, _options.CharacterOrder, _options.WordOrder);
            double score = FScore(_candidate);
            if (score <= best) continue;
            best = score;
            _candidate.CopyTo(_best, 0);
        }
        for (int i = 0; i < _sum.Length; i++) _sum[i] += _best[i];
    }

    private void Split(string sentence, List<int> characters, List<int> words)
    {
        characters.Clear();
        words.Clear();
        string text = _options.LowerCase ? sentence.ToLowerInvariant() : sentence;
        TextUnits.AddCodePoints(text, _options.KeepWhitespace, characters);
        if (_options.WordOrder == 0) return;
        ReadOnlySpan<char> rest = text;
        while (TextUnits.NextWord(ref rest, out ReadOnlySpan<char> word))
        {
            // One mark of punctuation is parted from a word, the last or else the first (Popović's chrF++.py).
            int cut = word.Length == 1 ? 0 : Punctuation.Contains(word[^1], StringComparison.Ordinal) ? word.Length - 1 : Punctuation.Contains(word[0], StringComparison.Ordinal) ? 1 : 0;
            if (cut > 0) words.Add(_ids.Of(word[..cut]));
            words.Add(_ids.Of(word[cut..]));
        }
    }

    private void Count(List<int> hypothesis, List<int> reference, int first, int orders)
    {
        if (orders == 0) return;
        int all = _sum.Length / 3;
        _table.Clear();
        _table.AddReference(CollectionsMarshal.AsSpan(reference), orders);
        _table.Match(CollectionsMarshal.AsSpan(hypothesis), _candidate.AsSpan(2 * all + first, orders));
        for (int n = 0; n < orders; n++)
        {
            _candidate[all + first + n] = Math.Max(0, reference.Count - n);
            if (reference.Count > n) _candidate[first + n] = Math.Max(0, hypothesis.Count - n); // an order that the reference lacks is not held against it
        }
    }

    /// <summary>F of the mean precision and the mean recall over the orders that both sides have; 0 where there is none.</summary>
    private double FScore(ReadOnlySpan<long> counts)
    {
        int all = counts.Length / 3, orders = 0;
        double precision = 0, recall = 0;
        for (int n = 0; n < all; n++)
        {
            if (counts[n] == 0 || counts[all + n] == 0) continue;
            precision += (double)counts[2 * all + n] / counts[n];
            recall += (double)counts[2 * all + n] / counts[all + n];
            orders++;
        }
        if (precision + recall == 0) return 0;
        double square = _options.Beta * _options.Beta;
        precision /= orders;
        recall /= orders;
        return 100 * (1 + square) * precision * recall / (square * precision + recall);
    }
}
