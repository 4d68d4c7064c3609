namespace Unroll.Cli.Csv;

/// <summary>Finds out what separates a file's cells.</summary>
internal static class CsvDelimiter
{
    private static readonly char[] Candidates = [',', ';', '\t'];

    /// <summary>
    /// The candidate that occurs as often in the lines that follow as in the header, counted outside quotes over the
    /// first 20 lines; a comma when none occurs in the header (a file of one column).
    /// </summary>
    public static char Detect(string text)
    {
        List<int[]> counts = Count(text, lines: 20);
        int best = -1, bestScore = 0;
        for (int c = 0; c < Candidates.Length; c++)
        {
            int inHeader = counts.Count == 0 ? 0 : counts[0][c];
            if (inHeader == 0) continue;
            // Lines that agree weigh most; between equals the separator that makes more columns wins.
            int score = counts.Count(line => line[c] == inHeader) * 10_000 + Math.Min(inHeader, 9_999);
            if (score > bestScore) (best, bestScore) = (c, score);
        }
        return best < 0 ? ',' : Candidates[best];
    }

    /// <summary>The delimiter's name in messages.</summary>
    public static string Name(char delimiter) => delimiter switch
    {
        ',' => "a comma",
        ';' => "a semicolon",
        '\t' => "a tab",
        _ => $"'{delimiter}'",
    };

    private static List<int[]> Count(string text, int lines)
    {
        var counts = new List<int[]>();
        var line = new int[Candidates.Length];
        bool quoted = false, any = false;
        foreach (char c in text)
        {
            if (c == '"') quoted = !quoted;
            if (c is '\n' or '\r' && !quoted)
            {
                if (any) counts.Add(line);
                if (counts.Count == lines) return counts;
                (line, any) = (new int[Candidates.Length], false);
                continue;
            }
            any |= !char.IsWhiteSpace(c);
            int candidate = Array.IndexOf(Candidates, c);
            if (candidate >= 0 && !quoted) line[candidate]++;
        }
        if (any) counts.Add(line);
        return counts;
    }
}
