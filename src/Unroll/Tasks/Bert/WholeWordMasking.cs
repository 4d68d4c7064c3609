using Unroll.Basics;
using Unroll.Text;

namespace Unroll.Tasks;

/// <summary>
/// Hides whole words for a model to guess (Devlin et al. 2019, arXiv 1810.04805, section 3.1, and the authors' program with whole words): words in
/// random order until 15 % of the tokens are chosen; a chosen token becomes [MASK] (80 %), any token (10 %) or stays (10 %).
/// </summary>
/// <remarks>What is chosen is a function of seed, epoch and example alone. Special tokens, [UNK] among them, are never chosen.</remarks>
public sealed class WholeWordMasking
{
    /// <summary>The target where nothing is to be guessed: losses leave it out.</summary>
    public const int Ignored = -100;

    private const int LongestExample = 1 << 20;

    private readonly Vocabulary _vocabulary;
    private readonly int _mask;
    private readonly ulong _seed;
    private readonly double _share;

    /// <summary>Masking of WordPiece ids.</summary>
    /// <param name="vocabulary">With [MASK]; tokens that begin with ## go on with the word before.</param>
    /// <param name="seed">From which all draws come. Default 0.</param>
    /// <param name="share">The share of the tokens to choose, in (0, 1). Default 0.15.</param>
    /// <exception cref="ArgumentException">A vocabulary without [MASK].</exception>
    /// <exception cref="ArgumentOutOfRangeException">A share outside (0, 1).</exception>
    public WholeWordMasking(Vocabulary vocabulary, ulong seed = 0, double share = 0.15)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        if (!(share > 0 && share < 1)) throw new ArgumentOutOfRangeException(nameof(share), FormattableString.Invariant($"WholeWordMasking: expected a share in (0, 1), received {share}."));
        if (!vocabulary.TryGetId("[MASK]", out _mask)) throw new ArgumentException("WholeWordMasking: expected a vocabulary with [MASK], found none; give it SpecialTokens.Bert.", nameof(vocabulary));
        (_vocabulary, _seed, _share) = (vocabulary, seed, share);
    }

    /// <summary>The ids with words hidden, and for each place the id to guess or <see cref="Ignored"/>.</summary>
    /// <param name="ids">At most 1,048,576 tokens. At least one is chosen where the shortest word drawn has no more than its share.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="example">The example's number, from 0 to 2³² − 1.</param>
    /// <exception cref="ArgumentException">Too many ids, or an example out of range.</exception>
    public (int[] Ids, int[] Targets) Of(ReadOnlySpan<int> ids, int epoch, long example)
    {
        if (ids.Length > LongestExample) throw new ArgumentException($"WholeWordMasking: expected at most {LongestExample} tokens, received {ids.Length}.", nameof(ids));
        if (example is < 0 or > uint.MaxValue) throw new ArgumentException($"WholeWordMasking: expected an example from 0 to {uint.MaxValue}, received {example}.", nameof(example));
        var stream = new RandomStream(_seed, "whole_word_masking", epoch);
        RandomStream order = stream.Fork("order"), kinds = stream.Fork("kind"), tokens = stream.Fork("token");
        long first = example * LongestExample; // this example's draws
        List<(int Start, int Count)> words = Words(ids);
        int[] masked = ids.ToArray(), targets = new int[ids.Length];
        targets.AsSpan().Fill(Ignored);
        int room = Math.Max(1, (int)Math.Round(_share * ids.Length, MidpointRounding.ToEven));
        foreach ((int start, int count) in words.OrderBy(word => order.Bits64(first + word.Start)).ThenBy(word => word.Start))
        {
            if (count > room) continue;
            room -= count;
            for (int t = start; t < start + count; t++)
            {
                targets[t] = ids[t];
                float kind = kinds.Uniform(first + t);
                if (kind < 0.8f) masked[t] = _mask;
                else if (kind < 0.9f) masked[t] = tokens.Below(_vocabulary.Count, first + t);
            }
            if (room == 0) break;
        }
        return (masked, targets);
    }

    private List<(int Start, int Count)> Words(ReadOnlySpan<int> ids)
    {
        var words = new List<(int Start, int Count)>();
        bool follows = false; // whether the token before is of a word
        for (int t = 0; t < ids.Length; t++)
        {
            bool isSpecial = _vocabulary.IsSpecial(ids[t]);
            if (!isSpecial && follows && _vocabulary.TokenOf(ids[t]).StartsWith("##", StringComparison.Ordinal)) words[^1] = (words[^1].Start, words[^1].Count + 1);
            else if (!isSpecial) words.Add((t, 1));
            follows = !isSpecial;
        }
        return words;
    }
}
