using System.Runtime.InteropServices;

namespace Unroll.Metrics.Sequences;

/// <summary>
/// The n-grams of a sentence's references, for all n up to an order, and the clipped matches of a hypothesis
/// (Papineni et al. 2002). A trie whose edges lie in one hash table: an n-gram of n tokens is n steps from the root, so no
/// n-gram is ever copied, and two are equal only if all their tokens are.
/// </summary>
internal sealed class NgramTable
{
    private long[] _keys = new long[1024]; // parent node above, token below
    private int[] _children = new int[1024];
    private int[] _stamps = new int[1024]; // a place is taken if it has the present generation, so that clearing is free
    private int _generation = 1;
    private readonly List<Node> _nodes = [default]; // node 0 is the root
    private int _references;

    /// <summary>Forgets all n-grams.</summary>
    public void Clear()
    {
        if (_generation == int.MaxValue)
        {
            Array.Clear(_stamps);
            _generation = 0;
        }
        _generation++;
        _nodes.Clear();
        _nodes.Add(default);
        _references = 0;
    }

    /// <summary>Raises the limit of each n-gram to its count in one more reference.</summary>
    public void AddReference(ReadOnlySpan<int> tokens, int order)
    {
        _references++;
        for (int start = 0; start < tokens.Length; start++)
        {
            int node = 0;
            foreach (int token in tokens.Slice(start, Math.Min(order, tokens.Length - start)))
            {
                node = Child(node, token, create: true);
                ref Node gram = ref CollectionsMarshal.AsSpan(_nodes)[node];
                if (gram.Reference != _references) (gram.Reference, gram.Count) = (_references, 0);
                gram.Limit = Math.Max(gram.Limit, ++gram.Count);
            }
        }
    }

    /// <summary>Adds to matches[n − 1] how many n-grams of a hypothesis are in the references, each at most its limit times.</summary>
    /// <remarks>Uses the limits up: one hypothesis for each <see cref="Clear"/>.</remarks>
    public void Match(ReadOnlySpan<int> tokens, Span<long> matches)
    {
        Span<Node> nodes = CollectionsMarshal.AsSpan(_nodes);
        for (int start = 0; start < tokens.Length; start++)
        {
            int node = 0;
            for (int n = 0; n < matches.Length && start + n < tokens.Length; n++)
            {
                node = Child(node, tokens[start + n], create: false);
                if (node < 0) break; // then no longer n-gram is there either
                if (nodes[node].Limit-- > 0) matches[n]++;
            }
        }
    }

    private int Child(int parent, int token, bool create)
    {
        long key = ((long)parent << 32) | (uint)token;
        int place = Place(key);
        for (; _stamps[place] == _generation; place = (place + 1) & (_keys.Length - 1))
            if (_keys[place] == key) return _children[place];
        if (!create) return -1;
        if (2 * _nodes.Count > _keys.Length)
        {
            Grow();
            place = Free(key);
        }
        Set(place, key, _nodes.Count);
        _nodes.Add(default);
        return _nodes.Count - 1;
    }

    private void Grow()
    {
        (long[] keys, int[] children, int[] stamps) = (_keys, _children, _stamps);
        _keys = new long[2 * keys.Length];
        _children = new int[_keys.Length];
        _stamps = new int[_keys.Length];
        for (int i = 0; i < keys.Length; i++)
            if (stamps[i] == _generation) Set(Free(keys[i]), keys[i], children[i]);
    }

    private void Set(int place, long key, int child) => (_keys[place], _children[place], _stamps[place]) = (key, child, _generation);

    private int Free(long key)
    {
        int place = Place(key);
        while (_stamps[place] == _generation) place = (place + 1) & (_keys.Length - 1);
        return place;
    }

    private int Place(long key) => (int)(((ulong)key * 0x9E3779B97F4A7C15) >> 32) & (_keys.Length - 1); // 2^64 / golden ratio spreads neighbours

    private struct Node
    {
        public int Limit, Reference, Count;
    }
}
