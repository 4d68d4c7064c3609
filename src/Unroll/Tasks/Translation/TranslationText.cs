using Unroll.Data;
using Unroll.Tensors;
using Unroll.Text;

namespace Unroll.Tasks;

/// <summary>How a translator reads and writes the text of one language.</summary>
/// <param name="Tokenizer">Its tokens.</param>
/// <param name="LowerCase">Whether text is lowered first.</param>
internal sealed record TranslationText(Tokenizer Tokenizer, bool LowerCase)
{
    /// <summary>
    /// The text as it is tokenised: trimmed and perhaps lowered, with a blank before it, so that byte pairs see its first word as they see
    /// every other one.
    /// </summary>
    public static string Prepared(string text, bool lowerCase)
    {
        string trimmed = text.Trim();
        return " " + (lowerCase ? trimmed.ToLowerInvariant() : trimmed);
    }

    /// <summary>The ids of a source, the end included.</summary>
    public int[] Source(string text) => Tokenizer.Encode(Prepared(text, LowerCase), end: true);

    /// <summary>The ids of a target, beginning and end included.</summary>
    public int[] Target(string text) => Tokenizer.Encode(Prepared(text, LowerCase), beginning: true, end: true);

    /// <summary>The text of ids.</summary>
    public string Text(IReadOnlyList<int> ids) => Tokenizer.Decode([.. ids]).Trim();

    /// <summary>Ids, token by token, for people.</summary>
    public IReadOnlyList<string> Shown(IReadOnlyList<int> ids) => [.. ids.Select(id => Tokenizer.Vocabulary.IsSpecial(id) ? Tokenizer.Vocabulary.TokenOf(id) : Tokenizer.Decode([id]).Trim())];

    /// <summary>Pairs as a data set; those of which a side is longer than the limit are left out.</summary>
    /// <exception cref="ArgumentException">No pair is left.</exception>
    public static Dataset Pairs(ParallelText text, TranslationText source, TranslationText target, int limit, string what)
    {
        var sources = new List<int[]>();
        var targets = new List<int[]>();
        for (int i = 0; i < text.Count; i++)
        {
            int[] from = source.Source(text.Sources[i]), to = target.Target(text.Targets[i]);
            if (from.Length > limit || to.Length > limit) continue;
            sources.Add(from);
            targets.Add(to);
        }
        if (sources.Count == 0)
            throw new ArgumentException($"Translator: expected at least one {what} pair of at most {limit} tokens a side, found none among {text.Count}. Raise MaximumLength, or give other text.", nameof(text));
        return new Dataset([Tensor.FromTokens(sources), Tensor.FromTokens([.. targets.Select(ids => ids[..^1])])], [Tensor.FromTokens([.. targets.Select(ids => ids[1..])])]);
    }
}
