using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Text;

/// <summary>Makes token ids of text and text of token ids. It never changes, so many threads may use one.</summary>
public abstract partial class Tokenizer
{
    private protected Tokenizer(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
    }

    /// <summary>The tokens and their ids.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The kind's name in a file.</summary>
    public abstract string Kind { get; }

    /// <summary>What becomes of half a surrogate pair in a text. Default <see cref="LoneSurrogates.Refuse"/>.</summary>
    public LoneSurrogates LoneSurrogates { get; init; }

    /// <summary>The ids of a text's tokens. Special tokens are never read from the text; a word that is written like one is unknown.</summary>
    /// <param name="text">Any text; an empty one has no tokens.</param>
    /// <param name="beginning">Whether the beginning token stands first. Default false.</param>
    /// <param name="end">Whether the end token stands last, also where the text is cut. Default false.</param>
    /// <param name="maximumLength">The most ids, those two included; the text's last tokens are cut off. Null for no limit.</param>
    /// <exception cref="ArgumentException">Half a surrogate pair; a token that the vocabulary has no id for; or a special token asked for that it does not have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit below the special tokens asked for.</exception>
    public int[] Encode(string text, bool beginning = false, bool end = false, int? maximumLength = null) =>
        EncodeWithOffsets(text, beginning, end, maximumLength).Ids;

    /// <summary>The ids of a text's tokens, each with its place in the text.</summary>
    /// <inheritdoc cref="Encode" path="/param"/>
    /// <inheritdoc cref="Encode" path="/exception"/>
    public TokenizedText EncodeWithOffsets(string text, bool beginning = false, bool end = false, int? maximumLength = null) =>
        Encoded(text, beginning, end, maximumLength, Title);

    /// <summary>Texts as one tensor of ids [B, longest] with lengths, as <c>Embedding</c> and <c>Fit</c> take it.</summary>
    /// <param name="texts">At least one text.</param>
    /// <param name="beginning">Whether the beginning token stands first. Default false.</param>
    /// <param name="end">Whether the end token stands last, also where the text is cut. Default false.</param>
    /// <param name="maximumLength">The most ids of a text, those two included. Null for no limit.</param>
    /// <exception cref="ArgumentException">No text, or one that <see cref="Encode"/> refuses; the message has its index.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit below the special tokens asked for.</exception>
    public Tensor EncodeBatch(IReadOnlyList<string> texts, bool beginning = false, bool end = false, int? maximumLength = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = new int[texts.Count][];
        for (int i = 0; i < ids.Length; i++) ids[i] = Encoded(texts[i], beginning, end, maximumLength, $"{Title}, text {i}").Ids;
        return Tensor.FromTokens(ids);
    }

    /// <summary>
    /// The text of ids. Special tokens are left out, except the unknown one, which shows where text was lost.
    /// </summary>
    /// <param name="ids">Ids of the vocabulary.</param>
    /// <param name="specialTokens">Whether special tokens are written, too. Default false.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id that the vocabulary does not have.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool specialTokens = false)
    {
        var shown = new List<int>(ids.Length);
        int unknown = Vocabulary.UnknownId ?? -1;
        foreach (int id in ids)
        {
            Vocabulary.TokenOf(id); // refuses an id that is none
            if (specialTokens || id == unknown || !Vocabulary.IsSpecial(id)) shown.Add(id);
        }
        return Join(shown);
    }

    internal string Title => $"Tokenizer '{Kind}'";

    /// <summary>Writes the settings that the kind's maker reads; the vocabulary is written for all.</summary>
    internal abstract void WriteConfiguration(JsonObject configuration);

    /// <summary>Finds the tokens of a text without lone surrogates.</summary>
    private protected abstract void Split(string text, TokenList tokens);

    /// <summary>The text of ids of the vocabulary.</summary>
    private protected abstract string Join(IReadOnlyList<int> ids);

    /// <summary>The id of a token that stands in a text, the unknown one's where there is none.</summary>
    /// <exception cref="ArgumentException">Neither is there.</exception>
    private protected int IdOfText(ReadOnlySpan<char> token) => TryGetIdOfText(token, out int id) ? id : Vocabulary.UnknownId
        ?? throw new ArgumentException($"{Title}: there is no token {QuotedText.Of(token.ToString())} and no special token for the unknown. Grow the vocabulary, or make it with an unknown token.", nameof(token));

    private protected bool TryGetIdOfText(ReadOnlySpan<char> token, out int id) => Vocabulary.TryGetId(token, out id) && !Vocabulary.IsSpecial(id);

    private TokenizedText Encoded(string text, bool beginning, bool end, int? maximumLength, string where)
    {
        if (text is null) throw new ArgumentNullException(nameof(text), $"{where}: the text is null.");
        int special = (beginning ? 1 : 0) + (end ? 1 : 0);
        if (maximumLength < special)
            throw new ArgumentOutOfRangeException(nameof(maximumLength), $"{Title}: expected a limit of at least {special}, the special tokens asked for, received {maximumLength}.");
        var tokens = new TokenList();
        if (beginning) tokens.Add(Required(Vocabulary.BeginningId, "beginning"), default);
        int endId = end ? Required(Vocabulary.EndId, "end") : -1;
        Split(SurrogatePairs.Checked(text, LoneSurrogates, where), tokens);
        int most = maximumLength is { } limit ? limit - (end ? 1 : 0) : int.MaxValue;
        bool isTruncated = tokens.Count > most;
        if (isTruncated) tokens.Truncate(most);
        if (end) tokens.Add(endId, new TextSpan(tokens.End, 0));
        return tokens.ToText(isTruncated);
    }

    private int Required(int? id, string role) => id
        ?? throw new ArgumentException($"{Title}: the vocabulary has no special token for the {role} of a sequence; leave it out, or make the vocabulary with one.", role);
}
