namespace Unroll.Data;

/// <summary>Puts sequences of unequal length into batches.</summary>
public static class LengthBatches
{
    /// <summary>
    /// The batches, each the indices of its sequences; every sequence of <paramref name="order"/> is in exactly one.
    /// Depends on its arguments alone.
    /// </summary>
    /// <param name="lengths">Each sequence's length, at least 0.</param>
    /// <param name="batchSize">The sequences of a batch, at least 1; the last batch may have fewer.</param>
    /// <param name="order">The sequences to use, in the order drawn; none twice. Empty means all, in their order.</param>
    /// <param name="grouping">Whether sequences are sorted by length within windows, longest first, ties as drawn.</param>
    /// <param name="windowBatches">The batches in a window of sorting, at least 1. Default 50.</param>
    /// <param name="permutation">
    /// Given n, a permutation of 0 … n−1, applied to the batches; without one, sorted windows come longest batch
    /// first, which training should not see. Null leaves the batches in order.
    /// </param>
    /// <exception cref="ArgumentException">A number out of range, an index twice, or no permutation.</exception>
    public static int[][] Create(ReadOnlySpan<int> lengths, int batchSize, ReadOnlySpan<int> order = default,
        LengthGrouping grouping = LengthGrouping.KeepOrder, int windowBatches = 50, Func<int, int[]>? permutation = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowBatches, 1);

        int[] sequence = Sequence(lengths, order);
        if (grouping == LengthGrouping.SortWithinWindows) SortWindows(sequence, lengths, checked(batchSize * windowBatches));

        var batches = new int[(sequence.Length + batchSize - 1) / batchSize][];
        for (int b = 0; b < batches.Length; b++)
            batches[b] = sequence[(b * batchSize)..Math.Min((b + 1) * batchSize, sequence.Length)];
        return Permuted(batches, permutation);
    }

    /// <summary>
    /// Batches by their number of steps: neighbours of the order are joined while their lengths together stay within a
    /// limit, so that every batch costs about the same. Padding costs nothing here, so it does not count.
    /// </summary>
    /// <param name="lengths">Each sequence's length, at least 0.</param>
    /// <param name="mostSteps">The most steps of a batch in all; at least the longest sequence's.</param>
    /// <param name="order">The sequences to use, in the order drawn; none twice. Empty means all, in their order.</param>
    /// <param name="window">Sequences sorted by length together, longest first, ties as drawn; 1, the default, sorts none.</param>
    /// <param name="permutation">Given n, a permutation of 0 … n−1, applied to the batches. Null leaves them in order.</param>
    /// <exception cref="ArgumentException">A number out of range, an index twice, no permutation, or a sequence longer than the limit.</exception>
    public static int[][] CreateBySteps(ReadOnlySpan<int> lengths, int mostSteps, ReadOnlySpan<int> order = default, int window = 1, Func<int, int[]>? permutation = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostSteps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        int[] sequence = Sequence(lengths, order);
        if (window > 1) SortWindows(sequence, lengths, window);
        var batches = new List<int[]>();
        int first = 0, steps = 0;
        for (int i = 0; i < sequence.Length; i++)
        {
            int length = lengths[sequence[i]];
            if (length > mostSteps) throw new ArgumentException($"Batches: sequence {sequence[i]} has {length} steps; expected at most {mostSteps}, a batch's limit. Raise the limit or cut the sequence.", nameof(lengths));
            if (steps + length > mostSteps)
            {
                batches.Add(sequence[first..i]);
                (first, steps) = (i, 0);
            }
            steps += length;
        }
        if (first < sequence.Length) batches.Add(sequence[first..]);
        return Permuted([.. batches], permutation);
    }

    private static int[] Sequence(ReadOnlySpan<int> lengths, ReadOnlySpan<int> order)
    {
        for (int i = 0; i < lengths.Length; i++)
            if (lengths[i] < 0) throw new ArgumentException($"Batches: sequence {i} has the length {lengths[i]}; expected 0 or more.", nameof(lengths));
        int[] sequence = new int[order.IsEmpty ? lengths.Length : order.Length];
        if (order.IsEmpty)
        {
            for (int i = 0; i < sequence.Length; i++) sequence[i] = i;
        }
        else
        {
            order.CopyTo(sequence);
            RequireDistinct(sequence, lengths.Length, nameof(order));
        }
        return sequence;
    }

    private static int[][] Permuted(int[][] batches, Func<int, int[]>? permutation)
    {
        if (permutation is null) return batches;
        int[] places = permutation(batches.Length);
        if (places.Length != batches.Length)
            throw new ArgumentException($"Batches: expected a permutation of {batches.Length}, received {places.Length} numbers.", nameof(permutation));
        RequireDistinct(places, batches.Length, nameof(permutation));
        return Array.ConvertAll(places, place => batches[place]);
    }

    private static void SortWindows(int[] sequence, ReadOnlySpan<int> lengths, int window)
    {
        for (int start = 0; start < sequence.Length; start += window)
        {
            int count = Math.Min(window, sequence.Length - start);
            // The place drawn is the second key: Array.Sort alone is not stable.
            var keys = new (int Length, int Place)[count];
            for (int i = 0; i < count; i++) keys[i] = (-lengths[sequence[start + i]], i);
            int[] drawn = sequence[start..(start + count)];
            Array.Sort(keys, drawn);
            drawn.CopyTo(sequence, start);
        }
    }

    private static void RequireDistinct(int[] indices, int count, string name)
    {
        var seen = new bool[count];
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)count) throw new ArgumentException($"Batches: index {index} is not in [0, {count}).", name);
            if (seen[index]) throw new ArgumentException($"Batches: index {index} comes twice.", name);
            seen[index] = true;
        }
    }
}
