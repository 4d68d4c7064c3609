namespace Unroll.Decoding;

/// <summary>Forbids tokens by setting their logits to −∞, or favours some.</summary>
/// <param name="source">Which of the sequences that were begun.</param>
/// <param name="tokens">What it has so far, without the token that begins it.</param>
/// <param name="logits">[V], to be changed.</param>
public delegate void LogitFilter(int source, IReadOnlyList<int> tokens, Span<float> logits);

/// <summary>How sequences begin and end, whichever way the tokens between are chosen.</summary>
public record GenerationOptions
{
    /// <summary>The token before the first, never part of the answer.</summary>
    public required int BeginToken { get; init; }

    /// <summary>The token that ends a sequence, never part of the answer; null for none, so that all have the largest length.</summary>
    public int? EndToken { get; init; }

    /// <summary>The most tokens of an answer, the prefix included. At least 1; default 100.</summary>
    public int MaximumLength { get; init; } = 100;

    /// <summary>How many tokens there must be before the end, the prefix included. Default 0.</summary>
    public int MinimumLength { get; init; }

    /// <summary>With what each answer begins, one list a source; null for nothing. The model's probabilities of these tokens count as any.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Prefixes { get; init; }

    /// <summary>What may come next; null for anything.</summary>
    public LogitFilter? Filter { get; init; }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ArgumentException">A number or token out of range, or prefixes for another number of sources.</exception>
    internal virtual void Check(INextTokenModel model)
    {
        int vocabulary = model.VocabularySize;
        Require((uint)BeginToken < (uint)vocabulary, "BeginToken", BeginToken, $"a token from 0 to {vocabulary - 1}");
        Require(EndToken is not { } end || (uint)end < (uint)vocabulary, "EndToken", EndToken ?? 0, $"a token from 0 to {vocabulary - 1}, or null");
        Require(MaximumLength >= 1, "MaximumLength", MaximumLength, "at least 1");
        Require(MinimumLength >= 0 && MinimumLength <= MaximumLength, "MinimumLength", MinimumLength, $"0 to MaximumLength, {MaximumLength}");
        if (Prefixes is not { } prefixes) return;
        if (prefixes.Count != model.Rows) throw new ArgumentException($"Generation: expected {model.Rows} prefixes, one a source, received {prefixes.Count}.");
        for (int s = 0; s < prefixes.Count; s++)
        {
            if (prefixes[s].Count > MaximumLength) throw new ArgumentException($"Generation: prefix {s} has {prefixes[s].Count} tokens; expected at most MaximumLength, {MaximumLength}.");
            foreach (int token in prefixes[s])
                if ((uint)token >= (uint)vocabulary || token == EndToken) throw new ArgumentException($"Generation: prefix {s} has token {token}; expected 0 to {vocabulary - 1} other than the end.");
        }
    }

    private protected static void Require(bool holds, string name, IFormattable found, string expected) => OptionRange.Require(holds, "Generation", name, found, expected);
}
