namespace Unroll.Metrics.Sequences;

/// <summary>
/// The Levenshtein distance with its errors by kind. Of the alignments with the fewest errors one with the most hits counts, which
/// fixes the number of each kind. Where several are left, <see cref="Steps"/> takes the one that, walked from the back,
/// prefers hit and substitution to deletion and deletion to insertion.
/// </summary>
internal static class EditDistance
{
    // A cost has errors above and substitutions below: to minimise it is to minimise errors first. With equal errors fewer
    // substitutions are more hits.
    private const long Error = 1L << 32, Substitution = Error + 1;

    /// <summary>The counts, in memory of one row.</summary>
    public static ErrorCounts Counts(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference)
    {
        long[] row = FirstRow(hypothesis.Length);
        foreach (int token in reference) Advance(row, token, hypothesis, []);
        long errors = row[^1] / Error, substitutions = row[^1] % Error, longer = reference.Length - hypothesis.Length;
        long deletions = (errors - substitutions + longer) / 2; // errors but substitutions are deletions + insertions, and these differ by the lengths
        return new ErrorCounts(reference.Length - substitutions - deletions, substitutions, deletions, deletions - longer);
    }

    /// <summary>The steps, in memory of a byte for each pair of tokens.</summary>
    /// <exception cref="ArgumentException">Sequences whose table no array can hold.</exception>
    public static EditStep[] Steps(ReadOnlySpan<int> hypothesis, ReadOnlySpan<int> reference)
    {
        int width = hypothesis.Length + 1;
        long size = (reference.Length + 1L) * width;
        if (size > Array.MaxLength)
            throw new ArgumentException($"Alignment: {hypothesis.Length} and {reference.Length} tokens are too many to align; align sentence by sentence, or ask for the counts alone.");
        var kinds = new byte[size];
        kinds.AsSpan(0, width).Fill((byte)EditKind.Insertion);
        long[] row = FirstRow(hypothesis.Length);
        for (int i = 0; i < reference.Length; i++) Advance(row, reference[i], hypothesis, kinds.AsSpan((i + 1) * width, width));
        var steps = new List<EditStep>(Math.Max(hypothesis.Length, reference.Length));
        for (int i = reference.Length, j = hypothesis.Length; i > 0 || j > 0;)
        {
            var kind = (EditKind)kinds[i * width + j];
            if (kind != EditKind.Insertion) i--;
            if (kind != EditKind.Deletion) j--;
            steps.Add(new EditStep(kind, kind == EditKind.Deletion ? -1 : j, kind == EditKind.Insertion ? -1 : i));
        }
        steps.Reverse();
        return [.. steps];
    }

    /// <summary>The costs of the hypothesis' beginnings against no reference: insertions alone.</summary>
    private static long[] FirstRow(int length)
    {
        var row = new long[length + 1];
        for (int j = 1; j <= length; j++) row[j] = j * Error;
        return row;
    }

    /// <summary>From the costs against a beginning of the reference to those with one token more; kinds says how each came, where there is room.</summary>
    private static void Advance(long[] row, int token, ReadOnlySpan<int> hypothesis, Span<byte> kinds)
    {
        long diagonal = row[0];
        row[0] += Error;
        if (!kinds.IsEmpty) kinds[0] = (byte)EditKind.Deletion;
        for (int j = 0; j < hypothesis.Length; j++)
        {
            bool equal = token == hypothesis[j];
            long through = diagonal + (equal ? 0 : Substitution), without = row[j + 1] + Error, with = row[j] + Error;
            diagonal = row[j + 1];
            row[j + 1] = Math.Min(through, Math.Min(without, with));
            if (kinds.IsEmpty) continue;
            EditKind kind = row[j + 1] == through ? (equal ? EditKind.Hit : EditKind.Substitution) : row[j + 1] == without ? EditKind.Deletion : EditKind.Insertion;
            kinds[j + 1] = (byte)kind;
        }
    }
}
