using Unroll.Basics;

namespace Unroll.Text;

/// <summary>
/// Joins the pairs of one word. Earlier pairs first and equal pairs from the left, with a queue: a word of n bytes costs
/// n · log n, so that one of a million letters is no trap.
/// </summary>
internal sealed class BytePairJoining
{
    private readonly int[] _byteIds;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _pairs = [];

    /// <exception cref="ArgumentException">Pairs that do not follow from one another, or tokens that the vocabulary lacks.</exception>
    public BytePairJoining(Vocabulary vocabulary, IReadOnlyList<BytePairMerge> merges, string title)
    {
        _byteIds = ByteAlphabet.IdsIn(vocabulary, title);
        // A pair of earlier tokens that becomes a token of its own: then what a pair becomes takes part in later pairs alone, and
        // the queue joins in the order in which training did.
        var made = new HashSet<int>(_byteIds);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            int Existing(string token) => vocabulary.TryGetId(token, out int id) && made.Contains(id)
                ? id
                : throw new ArgumentException($"{title}: merge {rank} joins {QuotedText.Of(token)}, which is neither a byte nor what an earlier merge gives.", nameof(merges));
            BytePairMerge merge = merges[rank];
            (int left, int right) = (Existing(merge.Left), Existing(merge.Right));
            if (!vocabulary.TryGetId(merge.Joined, out int joined) || vocabulary.IsSpecial(joined))
                throw new ArgumentException($"{title}: merge {rank} gives {QuotedText.Of(merge.Joined)}, which is no token of the vocabulary.", nameof(merges));
            if (!made.Add(joined))
                throw new ArgumentException($"{title}: merge {rank} gives {QuotedText.Of(merge.Joined)}, which an earlier merge gives already.", nameof(merges));
            _pairs.Add((left, right), (rank, joined));
        }
    }

    /// <summary>The ids of a word's tokens.</summary>
    public int[] IdsOf(ReadOnlySpan<byte> word)
    {
        int count = word.Length;
        var ids = new int[count];
        var next = new int[count];
        var previous = new int[count];
        var queue = new PriorityQueue<(int At, int Left, int Right), (int Rank, int At)>();
        for (int i = 0; i < count; i++) (ids[i], next[i], previous[i]) = (_byteIds[word[i]], i + 1, i - 1);
        for (int i = 0; i < count; i++) Offer(i);

        while (queue.TryDequeue(out (int At, int Left, int Right) pair, out _))
        {
            int at = pair.At, right = next[at];
            if (ids[at] != pair.Left || right == count || ids[right] != pair.Right) continue; // joined with another meanwhile
            ids[at] = _pairs[(pair.Left, pair.Right)].Id;
            ids[right] = -1;
            next[at] = next[right];
            if (next[at] < count) previous[next[at]] = at;
            Offer(previous[at]);
            Offer(at);
        }
        return [.. ids.Where(id => id >= 0)];

        void Offer(int at)
        {
            if (at < 0 || next[at] == count) return;
            (int Left, int Right) pair = (ids[at], ids[next[at]]);
            if (_pairs.TryGetValue(pair, out (int Rank, int Id) found)) queue.Enqueue((at, pair.Left, pair.Right), (found.Rank, at));
        }
    }
}
