namespace Unroll.Cli.Csv;

/// <summary>Suggests what a mistyped name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>
    /// The candidate with the fewest single-letter changes from <paramref name="name"/>, letter case aside (Levenshtein
    /// 1966); the first among equals; null when even it differs in more than a third of its letters and more than two,
    /// or in more than half of the longer name's.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int fewest = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int distance = Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance > Math.Max(2, candidate.Length / 3) || distance * 2 > Math.Max(name.Length, candidate.Length)) continue;
            if (distance < fewest) (nearest, fewest) = (candidate, distance);
        }
        return nearest;
    }

    private static int Distance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)];
        var current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
