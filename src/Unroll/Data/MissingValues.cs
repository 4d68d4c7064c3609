namespace Unroll.Data;

/// <summary>Fills the gaps of a column of values, in place, by a <see cref="MissingValuePolicy"/>.</summary>
public static class MissingValues
{
    /// <summary>
    /// Replaces every NaN in <paramref name="values"/> and says how many there were. Infinities are never a gap:
    /// they are refused under every policy.
    /// </summary>
    /// <param name="values">The column, one value a row; changed in place.</param>
    /// <param name="policy">What to put where a value is absent.</param>
    /// <param name="column">The column's name, for the error.</param>
    /// <returns>The number of values filled.</returns>
    /// <exception cref="ArgumentException">
    /// An infinity; a gap under <see cref="MissingValuePolicy.Refuse"/>; or nothing but gaps under a policy that
    /// needs a known value. The message names the row, counted from 1.
    /// </exception>
    public static int Fill(Span<float> values, MissingValuePolicy policy, string column)
    {
        int missing = 0, firstMissing = -1, firstKnown = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsInfinity(values[i]))
            {
                throw new ArgumentException(
                    $"Column '{column}', row {i + 1}: expected a finite number, found {(values[i] > 0 ? "infinity" : "-infinity")}. "
                    + "Correct the row, or leave it empty and choose how missing values are filled.", nameof(values));
            }
            if (float.IsNaN(values[i]))
            {
                missing++;
                if (firstMissing < 0) firstMissing = i;
            }
            else if (firstKnown < 0)
            {
                firstKnown = i;
            }
        }
        if (missing == 0) return 0;

        if (policy == MissingValuePolicy.Refuse)
        {
            throw new ArgumentException(
                $"Column '{column}', row {firstMissing + 1}: expected a number, found none (NaN); {missing} of "
                + $"{values.Length} rows have none. Choose how they are filled: previous, linear or zero.", nameof(values));
        }
        if (policy == MissingValuePolicy.Zero)
        {
            foreach (ref float value in values)
                if (float.IsNaN(value)) value = 0;
            return missing;
        }
        if (firstKnown < 0)
        {
            throw new ArgumentException(
                $"Column '{column}': all {values.Length} rows are missing, so there is nothing to fill them from. "
                + "Leave the column out, or fill with zero.", nameof(values));
        }

        values[..firstKnown].Fill(values[firstKnown]);
        int known = firstKnown;
        for (int i = firstKnown + 1; i < values.Length; i++)
        {
            if (!float.IsNaN(values[i]))
            {
                if (policy == MissingValuePolicy.Linear) Join(values, known, i);
                known = i;
            }
            else if (policy == MissingValuePolicy.Previous)
            {
                values[i] = values[known];
            }
        }
        values[(known + 1)..].Fill(values[known]);
        return missing;
    }

    private static void Join(Span<float> values, int from, int to)
    {
        double start = values[from], rise = ((double)values[to] - start) / (to - from);
        for (int i = from + 1; i < to; i++) values[i] = (float)(start + rise * (i - from));
    }
}
