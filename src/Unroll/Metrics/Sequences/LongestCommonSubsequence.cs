namespace Unroll.Metrics.Sequences;

/// <summary>The longest sequence of tokens that stands in two sequences, with gaps allowed.</summary>
internal static class LongestCommonSubsequence
{
    /// <summary>Its length, in time a · b and memory b.</summary>
    public static int Length(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var row = new int[b.Length + 1];
        foreach (int token in a)
        {
            int diagonal = 0;
            for (int j = 0; j < b.Length; j++)
            {
                int above = row[j + 1];
                row[j + 1] = token == b[j] ? diagonal + 1 : Math.Max(above, row[j]);
                diagonal = above;
            }
        }
        return row[^1];
    }

    /// <summary>
    /// Marks the places of one longest common subsequence in the reference, in memory a · b. Of several the walk from both ends
    /// takes one: a match first, and it goes on in the hypothesis only where that alone keeps the length.
    /// </summary>
    /// <exception cref="ArgumentException">Sequences whose table no array can hold.</exception>
    public static void Mark(ReadOnlySpan<int> reference, ReadOnlySpan<int> hypothesis, Span<bool> marks)
    {
        int width = hypothesis.Length + 1;
        long size = (reference.Length + 1L) * width;
        if (size > Array.MaxLength)
            throw new ArgumentException($"ROUGE-Lsum: sentences of {reference.Length} and {hypothesis.Length} words are too long to compare; put each sentence on a line of its own.");
        var lengths = new int[size];
        for (int i = 1; i <= reference.Length; i++)
            for (int j = 1; j < width; j++)
                lengths[i * width + j] = reference[i - 1] == hypothesis[j - 1]
                    ? lengths[(i - 1) * width + j - 1] + 1
                    : Math.Max(lengths[(i - 1) * width + j], lengths[i * width + j - 1]);
        for (int i = reference.Length, j = hypothesis.Length; i > 0 && j > 0;)
        {
            if (reference[i - 1] == hypothesis[j - 1])
            {
                marks[i - 1] = true;
                i--;
                j--;
            }
            else if (lengths[i * width + j - 1] > lengths[(i - 1) * width + j]) j--;
            else i--;
        }
    }
}
