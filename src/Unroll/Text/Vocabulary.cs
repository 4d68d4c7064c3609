using System.Diagnostics.CodeAnalysis;
using Unroll.Basics;

namespace Unroll.Text;

/// <summary>
/// Tokens and their ids: the id is the token's place. It never changes; growing gives a new vocabulary in which every old token
/// keeps its id, so that a table trained for the old one still fits in its first rows.
/// </summary>
/// <remarks>A token is a text of 1 to 1,024 UTF-16 units without half a surrogate pair; there are at most 16,777,216, as many as an <c>Embedding</c> takes.</remarks>
public sealed partial class Vocabulary
{
    /// <summary>Above this a float no longer tells neighbouring ids apart.</summary>
    internal const int LargestSize = 1 << 24;

    /// <summary>The longest token, in UTF-16 units.</summary>
    internal const int LongestToken = 1024;

    private readonly string[] _tokens;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly HashSet<int> _special;

    /// <summary>A vocabulary of special tokens alone, to be grown.</summary>
    /// <param name="special">The special tokens; null for the defaults.</param>
    /// <exception cref="ArgumentException">A special token that is no token, or comes twice.</exception>
    public Vocabulary(SpecialTokens? special = null) : this((special ?? new SpecialTokens()).All, special)
    {
    }

    /// <summary>A vocabulary with given ids.</summary>
    /// <param name="tokens">Every token in the order of its id, the special ones among them.</param>
    /// <param name="special">Which of them are special; null for the defaults.</param>
    /// <exception cref="ArgumentException">A token that is none or comes twice, a special token that is not in the list, or too many tokens.</exception>
    public Vocabulary(IEnumerable<string> tokens, SpecialTokens? special = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Special = special ?? new SpecialTokens();
        _ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string token in tokens)
        {
            if (Fault(token) is { } fault) throw new ArgumentException($"Vocabulary: token {_ids.Count} {fault}.", nameof(tokens));
            if (_ids.Count == LargestSize) throw new ArgumentException($"Vocabulary: expected at most {LargestSize} tokens, received more.", nameof(tokens));
            if (!_ids.TryAdd(token, _ids.Count))
                throw new ArgumentException($"Vocabulary: the token {QuotedText.Of(token)} has the ids {_ids[token]} and {_ids.Count}; a token comes once.", nameof(tokens));
        }
        _tokens = [.. _ids.Keys]; // nothing was removed, so the order is that of adding
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _special = [];
        foreach (string token in Special.All)
        {
            if (token is null || !_ids.TryGetValue(token, out int id))
                throw new ArgumentException($"Vocabulary: the special token {QuotedText.Of(token ?? "null")} is not among the {Count} tokens; add it, or say which special tokens there are.", nameof(special));
            if (!_special.Add(id))
                throw new ArgumentException($"Vocabulary: the token {QuotedText.Of(token)} is special in two ways; each needs a token of its own.", nameof(special));
        }
    }

    /// <summary>How many tokens there are: the rows that an <c>Embedding</c> needs.</summary>
    public int Count => _tokens.Length;

    /// <summary>The tokens in the order of their ids.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The tokens that stand for no text.</summary>
    public SpecialTokens Special { get; }

    /// <summary>The id that fills sequences up, or null.</summary>
    public int? PaddingId => IdOfSpecial(Special.Padding);

    /// <summary>The id of what the vocabulary does not have, or null.</summary>
    public int? UnknownId => IdOfSpecial(Special.Unknown);

    /// <summary>The id that stands before a sequence, or null.</summary>
    public int? BeginningId => IdOfSpecial(Special.Beginning);

    /// <summary>The id that stands behind a sequence, or null.</summary>
    public int? EndId => IdOfSpecial(Special.End);

    /// <summary>The token with this id.</summary>
    /// <param name="id">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another id.</exception>
    public string TokenOf(int id) => (uint)id < (uint)_tokens.Length
        ? _tokens[id]
        : throw new ArgumentOutOfRangeException(nameof(id), $"Vocabulary: expected an id from 0 to {Count - 1}, received {id}. Was it encoded with another vocabulary?");

    /// <summary>The id of a token, <see cref="UnknownId"/> where the vocabulary does not have it.</summary>
    /// <param name="token">Any text.</param>
    /// <exception cref="ArgumentException">The vocabulary has neither the token nor one for the unknown.</exception>
    public int IdOf(ReadOnlySpan<char> token) => TryGetId(token, out int id) ? id : UnknownId
        ?? throw new ArgumentException($"Vocabulary: there is no token {QuotedText.Of(token.ToString())} and no special token for the unknown. Grow the vocabulary, or give it an unknown token.", nameof(token));

    /// <summary>Whether the vocabulary has a token, and its id.</summary>
    /// <param name="token">Any text.</param>
    /// <param name="id">Its id; 0 where there is none.</param>
    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _idsBySpan.TryGetValue(token, out id);

    /// <summary>Whether an id is a special token's.</summary>
    /// <param name="id">Any number.</param>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>A vocabulary with these tokens behind the old ones; those that it has already are left out.</summary>
    /// <param name="tokens">New tokens in the order of their ids.</param>
    /// <exception cref="ArgumentException">A token that is none, or more than 16,777,216 in all.</exception>
    public Vocabulary Grown(IEnumerable<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new Vocabulary(_tokens.Concat(tokens.Where(token => token is null || !_ids.ContainsKey(token)).Distinct(StringComparer.Ordinal)), Special);
    }

    /// <summary>
    /// A vocabulary with the most frequent of these tokens behind the old ones, by descending count, equal counts in ordinal
    /// order. Tokens that it has already and texts of more than 1,024 UTF-16 units are left out.
    /// </summary>
    /// <param name="counts">How often each token comes; each once.</param>
    /// <param name="minimumCount">The least count of a token that is taken. At least 1; default 1.</param>
    /// <param name="maximumSize">The most tokens of the new vocabulary, the old ones included; null for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">A minimum below 1, or a maximum below the tokens that there are.</exception>
    public Vocabulary Grown(IEnumerable<KeyValuePair<string, long>> counts, int minimumCount = 1, int? maximumSize = null)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (minimumCount < 1) throw new ArgumentOutOfRangeException(nameof(minimumCount), $"Vocabulary: expected a minimum count of at least 1, received {minimumCount}.");
        if (maximumSize < Count)
            throw new ArgumentOutOfRangeException(nameof(maximumSize), $"Vocabulary: expected a maximum size of at least {Count}, the tokens that there are, received {maximumSize}.");
        return Grown(counts
            .Where(pair => pair.Value >= minimumCount && !_ids.ContainsKey(pair.Key) && pair.Key.Length <= LongestToken)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take((maximumSize ?? LargestSize) - Count).Select(pair => pair.Key));
    }

    /// <summary>A vocabulary of the special tokens and the most frequent others, as <see cref="Grown(IEnumerable{KeyValuePair{string, long}}, int, int?)"/> chooses them.</summary>
    /// <param name="counts">How often each token comes; each once.</param>
    /// <param name="minimumCount">The least count of a token that is taken. At least 1; default 1.</param>
    /// <param name="maximumSize">The most tokens, special ones included; null for no limit.</param>
    /// <param name="special">The special tokens; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A minimum below 1, or a maximum below the number of special tokens.</exception>
    public static Vocabulary FromCounts(IEnumerable<KeyValuePair<string, long>> counts, int minimumCount = 1, int? maximumSize = null, SpecialTokens? special = null) =>
        new Vocabulary(special).Grown(counts, minimumCount, maximumSize);

    /// <summary>The number of tokens, for a debugger.</summary>
    public override string ToString() => $"Vocabulary of {Count} tokens";

    private int? IdOfSpecial(string? token) => token is null ? null : _ids[token];

    /// <summary>Why a text is no token, or null where it is one.</summary>
    private static string? Fault([NotNull] string? token) => token switch
    {
        null => throw new ArgumentException("Vocabulary: a token is null."),
        "" => "is empty",
        { Length: > LongestToken } => $"has {token.Length} UTF-16 units; expected at most {LongestToken}",
        _ when SurrogatePairs.IndexOfLone(token) is >= 0 and var at => $"has half a surrogate pair at {at}",
        _ => null,
    };
}
