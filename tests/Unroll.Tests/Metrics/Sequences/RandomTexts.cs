using System.Text;

namespace Unroll.Tests.Metrics.Sequences;

/// <summary>Texts that make metrics disagree: few words that repeat, punctuation in all places, digits, other scripts, broken surrogates.</summary>
internal static class RandomTexts
{
    private static readonly string[] Pieces =
        ["a", "b", "The", "the", "cat", "7", "42", "3.14", ".", ",", ".", ",", "-", "-", "'", "!", "(", ")", "/", "&", "&quot;", "&amp;", "&lt;", "€", "é", "Ü", "中", "😀", "\ud83d", "\ude00", "…", "«", "<skipped>", "-\n", "\n", "\t", "\u00a0", "\u001c", "½"];

    public static string[] Many(int count, int longest, int seed)
    {
        var random = new Random(seed);
        var texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (int left = random.Next(longest + 1); left > 0; left--)
            {
                text.Append(Pieces[random.Next(Pieces.Length)]);
                if (random.Next(2) == 0) text.Append(' ');
            }
            texts[i] = text.ToString();
        }
        return texts;
    }

    /// <summary>For each sentence one to three references, some of them like the hypothesis.</summary>
    public static string[][] References(string[] hypotheses, int seed)
    {
        string[] others = Many(3 * hypotheses.Length, 14, seed);
        return [.. hypotheses.Select((text, i) => (i % 4) switch
        {
            0 => new[] { others[3 * i] },
            1 => [text + " cat", others[3 * i]],
            2 => [others[3 * i], "b " + text, others[3 * i + 1]],
            _ => ["the " + text.Replace(',', 'a')],
        })];
    }
}
