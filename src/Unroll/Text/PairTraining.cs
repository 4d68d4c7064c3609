namespace Unroll.Text;

/// <summary>
/// Finds pairs of symbols to join. Different words stand once, one behind the other, as linked tokens; each pair knows its count
/// and where it stands, so a join touches its own places alone, and a queue gives the next pair.
/// </summary>
/// <remarks>
/// Every pair becomes a token of its own, so a pair's count rises only while the join runs that made the newer of its tokens. After
/// that it falls, and the queue may say too much: then the pair goes back with what it has.
/// </remarks>
internal sealed class PairTraining
{
    private const int None = -1, Gone = -1, MostSymbols = 1 << 30;

    private readonly Func<string, string, string> _joined;
    private readonly int _minimumCount;
    private readonly List<string> _tokens = []; // the symbols, then what pairs became
    private readonly HashSet<string> _taken; // what no pair may become
    private readonly int[] _ids, _next, _previous, _words; // by symbol; a joined token stands at its first
    private readonly long[] _wordCounts;
    private readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
    private readonly List<(int Left, int Right)> _newPairs = [];
    private readonly PriorityQueue<(int Left, int Right), Place> _queue = new(Comparer<Place>.Create(InOrder));

    /// <param name="words">The different words and how often each comes.</param>
    /// <param name="symbols">The tokens of a word before any is joined.</param>
    /// <param name="joined">What a left and a right token become.</param>
    /// <param name="taken">The tokens that there are: no pair becomes one of them.</param>
    /// <param name="minimumCount">The least count of a pair that is joined.</param>
    /// <exception cref="ArgumentException">More symbols than are counted.</exception>
    public PairTraining(IReadOnlyDictionary<string, long> words, Func<string, IEnumerable<string>> symbols, Func<string, string, string> joined, IEnumerable<string> taken, int minimumCount)
    {
        (_joined, _minimumCount, _taken) = (joined, minimumCount, [.. taken]);
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int[][] split = [.. words.Keys.Select(word => symbols(word).Select(IdOf).ToArray())];
        long total = split.Sum(word => (long)word.Length);
        if (total > MostSymbols) throw new ArgumentException($"Pairs are found in different words of at most {MostSymbols} symbols in all; these have {total}. Give a part of the text.", nameof(words));
        (_ids, _next, _previous, _words) = (new int[total], new int[total], new int[total], new int[total]);
        _wordCounts = [.. words.Values];
        int at = 0;
        for (int word = 0; word < split.Length; word++)
            for (int i = 0; i < split[word].Length; i++, at++)
            {
                (_ids[at], _words[at]) = (split[word][i], word);
                _previous[at] = i == 0 ? None : at - 1;
                _next[at] = i + 1 == split[word].Length ? None : at + 1;
            }
        for (int i = 0; i < _ids.Length; i++) AddPairAt(i);
        EnqueueNewPairs();

        int IdOf(string symbol)
        {
            if (known.TryAdd(symbol, _tokens.Count)) _tokens.Add(symbol);
            return known[symbol];
        }
    }

    /// <summary>The pairs to join, most frequent first; of equally frequent ones the first in ordinal order of left and right token.</summary>
    public IReadOnlyList<(string Left, string Right)> Run(int most, CancellationToken cancellation)
    {
        var merges = new List<(string Left, string Right)>();
        while (merges.Count < most && _queue.TryDequeue(out (int Left, int Right) key, out Place queued))
        {
            cancellation.ThrowIfCancellationRequested();
            Pair pair = _pairs[key];
            if (pair.Count < queued.Count)
            {
                Enqueue(key, pair);
                continue;
            }
            string joined = _joined(queued.Left, queued.Right);
            if (joined.Length > Vocabulary.LongestToken || !_taken.Add(joined)) continue;
            merges.Add((queued.Left, queued.Right));
            _tokens.Add(joined);
            Join(key, pair, _tokens.Count - 1);
            EnqueueNewPairs();
        }
        return merges;
    }

    /// <summary>Joins the pair wherever it still stands, from the left, so that of three equal tokens the first two become one.</summary>
    private void Join((int Left, int Right) key, Pair pair, int joined)
    {
        foreach (int at in pair.Places)
        {
            int right = _next[at];
            if (_ids[at] != key.Left || right == None || _ids[right] != key.Right) continue;
            int before = _previous[at], behind = _next[right];
            RemovePairAt(before);
            RemovePairAt(right);
            (_ids[at], _ids[right], _next[at]) = (joined, Gone, behind);
            if (behind != None) _previous[behind] = at;
            AddPairAt(before);
            AddPairAt(at);
        }
        _pairs.Remove(key);
    }

    private void AddPairAt(int at)
    {
        if (at == None || _next[at] == None) return;
        (int, int) key = (_ids[at], _ids[_next[at]]);
        if (!_pairs.TryGetValue(key, out Pair? pair))
        {
            _pairs.Add(key, pair = new Pair());
            _newPairs.Add(key);
        }
        pair.Count += _wordCounts[_words[at]];
        pair.Places.Add(at);
    }

    private void RemovePairAt(int at)
    {
        if (at != None && _next[at] != None) _pairs[(_ids[at], _ids[_next[at]])].Count -= _wordCounts[_words[at]];
    }

    private void EnqueueNewPairs()
    {
        foreach ((int, int) key in _newPairs) Enqueue(key, _pairs[key]);
        _newPairs.Clear();
    }

    private void Enqueue((int Left, int Right) key, Pair pair)
    {
        if (pair.Count >= _minimumCount) _queue.Enqueue(key, new Place(pair.Count, _tokens[key.Left], _tokens[key.Right]));
    }

    private static int InOrder(Place x, Place y)
    {
        int order = y.Count.CompareTo(x.Count);
        if (order == 0) order = string.CompareOrdinal(x.Left, y.Left);
        return order == 0 ? string.CompareOrdinal(x.Right, y.Right) : order;
    }

    private readonly record struct Place(long Count, string Left, string Right);

    private sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>Where it stood when it was counted, ascending.</summary>
        public List<int> Places { get; } = [];
    }
}
