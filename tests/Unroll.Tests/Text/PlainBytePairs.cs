using System.Text;
using Unroll.Text;

namespace Unroll.Tests.Text;

/// <summary>Byte-pair encoding as the paper says it: count every pair, join the most frequent everywhere, count again.</summary>
internal static class PlainBytePairs
{
    public static (List<BytePairMerge> Merges, Dictionary<string, List<string>> Words) Train(IEnumerable<string> texts, int most)
    {
        var counts = new Dictionary<string, int>();
        foreach (string text in texts)
        {
            var pieces = new List<TextSpan>();
            BytePairWords.Add(text, pieces);
            foreach (TextSpan piece in pieces) counts[piece.Of(text)] = counts.GetValueOrDefault(piece.Of(text)) + 1;
        }
        var words = counts.Keys.ToDictionary(word => word, word => Encoding.UTF8.GetBytes(word).Select(value => ByteAlphabet.TokenOf([value])).ToList());
        var merges = new List<BytePairMerge>();
        var taken = new HashSet<string>();
        while (merges.Count < most)
        {
            var pairs = new Dictionary<BytePairMerge, int>();
            foreach ((string word, List<string> tokens) in words)
                for (int i = 0; i + 1 < tokens.Count; i++)
                {
                    var pair = new BytePairMerge(tokens[i], tokens[i + 1]);
                    pairs[pair] = pairs.GetValueOrDefault(pair) + counts[word];
                }
            BytePairMerge[] left = [.. pairs.Where(pair => pair.Value >= 2 && !taken.Contains(pair.Key.Joined))
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Left, StringComparer.Ordinal).ThenBy(pair => pair.Key.Right, StringComparer.Ordinal)
                .Select(pair => pair.Key).Take(1)];
            if (left.Length == 0) break;
            merges.Add(left[0]);
            taken.Add(left[0].Joined);
            foreach (List<string> tokens in words.Values)
                for (int i = 0; i + 1 < tokens.Count; i++)
                {
                    if (tokens[i] != left[0].Left || tokens[i + 1] != left[0].Right) continue;
                    tokens[i] = left[0].Joined;
                    tokens.RemoveAt(i + 1);
                }
        }
        return (merges, words);
    }
}
