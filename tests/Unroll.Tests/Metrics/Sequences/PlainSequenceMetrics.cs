using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Tests.Metrics.Sequences;

/// <summary>BLEU and chrF written straight from their definitions, with n-grams as strings and mteval's rules as regular expressions.</summary>
internal static partial class PlainSequenceMetrics
{
    public static string[] Mteval13a(string text)
    {
        text = text.TrimEnd(Whitespace).Replace("<skipped>", "").Replace("-\n", "").Replace('\n', ' ');
        text = text.Replace("&quot;", "\"").Replace("&amp;", "&").Replace("&lt;", "<").Replace("&gt;", ">");
        text = Symbols().Replace($" {text} ", " $1 ");
        text = AfterOther().Replace(text, "$1 $2 ");
        text = BeforeOther().Replace(text, " $1 $2");
        return Words(DashAfterDigit().Replace(text, "$1 $2 "));
    }

    public static string[] Words(string text) => text.Split(Whitespace, StringSplitOptions.RemoveEmptyEntries);

    public static double Bleu(string[] hypotheses, string[][] references)
    {
        double[] matches = new double[4], totals = new double[4];
        double length = 0, referenceLength = 0;
        for (int i = 0; i < hypotheses.Length; i++)
        {
            string[] words = Mteval13a(hypotheses[i]);
            string[][] others = [.. references[i].Where(text => text != "").DefaultIfEmpty("").Select(Mteval13a)];
            length += words.Length;
            referenceLength += others.Select(other => other.Length).OrderBy(count => Math.Abs(count - words.Length)).ThenBy(count => count).First();
            for (int n = 1; n <= 4; n++)
            {
                Dictionary<string, int> own = Ngrams(words, n);
                Dictionary<string, int>[] theirs = [.. others.Select(other => Ngrams(other, n))];
                totals[n - 1] += own.Values.Sum();
                matches[n - 1] += own.Sum(gram => Math.Min(gram.Value, theirs.Max(other => other.GetValueOrDefault(gram.Key))));
            }
        }
        double penalty = length >= referenceLength ? 1 : length == 0 ? 0 : Math.Exp(1 - referenceLength / length);
        double product = 1, smooth = 1;
        if (matches.All(count => count == 0) || totals.Contains(0)) return 0;
        for (int n = 0; n < 4; n++) product *= (matches[n] == 0 ? 1 / (smooth *= 2) : matches[n]) / totals[n];
        return 100 * penalty * Math.Pow(product, 0.25);
    }

    public static double Chrf(string[] hypotheses, string[][] references, int wordOrder)
    {
        var sums = new double[6 + wordOrder, 3];
        for (int i = 0; i < hypotheses.Length; i++)
        {
            (double Score, double[,] Counts) best = (-1, sums);
            foreach (string reference in references[i].Where(text => text != "").DefaultIfEmpty(""))
            {
                var counts = new double[6 + wordOrder, 3];
                for (int n = 0; n < 6 + wordOrder; n++)
                {
                    int order = n < 6 ? n + 1 : n - 5;
                    Dictionary<string, int> own = Ngrams(n < 6 ? Points(hypotheses[i]) : ChrfWords(hypotheses[i]), order);
                    Dictionary<string, int> theirs = Ngrams(n < 6 ? Points(reference) : ChrfWords(reference), order);
                    counts[n, 0] = theirs.Count == 0 ? 0 : own.Values.Sum();
                    counts[n, 1] = theirs.Values.Sum();
                    counts[n, 2] = own.Sum(gram => Math.Min(gram.Value, theirs.GetValueOrDefault(gram.Key)));
                }
                if (FScore(counts) > best.Score) best = (FScore(counts), counts);
            }
            for (int n = 0; n < 6 + wordOrder; n++)
                for (int k = 0; k < 3; k++) sums[n, k] += best.Counts[n, k];
        }
        return FScore(sums);
    }

    private static double FScore(double[,] counts)
    {
        int[] orders = [.. Enumerable.Range(0, counts.GetLength(0)).Where(n => counts[n, 0] > 0 && counts[n, 1] > 0)];
        if (orders.Length == 0) return 0;
        double precision = orders.Average(n => counts[n, 2] / counts[n, 0]), recall = orders.Average(n => counts[n, 2] / counts[n, 1]);
        return precision + recall == 0 ? 0 : 100 * 5 * precision * recall / (4 * precision + recall);
    }

    private static string[] Points(string text)
    {
        var points = new List<string>();
        for (int i = 0; i < text.Length; i++)
        {
            string point = char.IsSurrogatePair(text, i) ? text.Substring(i++, 2) : text[i].ToString();
            if (!Whitespace.Contains(point[0])) points.Add(point);
        }
        return [.. points];
    }

    private static string[] ChrfWords(string text) => [.. Words(text).SelectMany(word =>
        word.Length == 1 ? [word]
        : char.IsAscii(word[^1]) && (char.IsPunctuation(word[^1]) || char.IsSymbol(word[^1])) ? [word[..^1], word[^1..]]
        : char.IsAscii(word[0]) && (char.IsPunctuation(word[0]) || char.IsSymbol(word[0])) ? new[] { word[..1], word[1..] } : [word])];

    private static Dictionary<string, int> Ngrams(string[] tokens, int order)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i + order <= tokens.Length; i++)
        {
            var gram = new StringBuilder();
            foreach (string token in tokens[i..(i + order)]) gram.Append(token.Length).Append(':').Append(token);
            counts[gram.ToString()] = counts.GetValueOrDefault(gram.ToString()) + 1;
        }
        return counts;
    }

    private static readonly char[] Whitespace = [.. Enumerable.Range(0, 0x3001).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f')];

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])")]
    private static partial Regex Symbols();

    [GeneratedRegex(@"([^0-9])([\.,])")]
    private static partial Regex AfterOther();

    [GeneratedRegex(@"([\.,])([^0-9])")]
    private static partial Regex BeforeOther();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
