using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Text;

/// <summary>
/// Byte-pair encoding (Sennrich, Haddow and Birch 2016, arXiv 1508.07909) of UTF-8 bytes (Radford et al. 2019): tokens are
/// frequent runs of bytes, found by joining the most frequent pair of neighbours again and again. No text is unknown, and
/// decoding gives it back.
/// </summary>
/// <remarks>
/// There is no mark for a word's end; instead a word carries the space before it. Tokens are written with a character for each
/// byte, a space as Ġ.
/// </remarks>
public sealed class BytePairTokenizer : Tokenizer
{
    internal const string KindName = "byte_pairs";

    /// <summary>Words are remembered up to this many, and up to this length in UTF-16 units.</summary>
    private const int MostRemembered = 1 << 16, LongestRemembered = 64;

    private readonly BytePairJoining _joining;
    private readonly ConcurrentDictionary<string, int[]> _remembered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _rememberedBySpan;
    private int _count;

    /// <summary>A tokenizer with pairs that there are.</summary>
    /// <param name="vocabulary">The tokens: the special ones, all 256 bytes, and what each pair becomes.</param>
    /// <param name="merges">The pairs in the order in which they are joined; each of bytes or of what earlier pairs became.</param>
    /// <exception cref="ArgumentException">A token that is missing or no bytes; a pair of what is not there yet, or that becomes what an earlier one does.</exception>
    public BytePairTokenizer(Vocabulary vocabulary, IReadOnlyList<BytePairMerge> merges) : base(vocabulary)
    {
        ArgumentNullException.ThrowIfNull(merges);
        Merges = [.. merges];
        _joining = new BytePairJoining(vocabulary, Merges, Title);
        _rememberedBySpan = _remembered.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The pairs in the order in which they are joined.</summary>
    public IReadOnlyList<BytePairMerge> Merges { get; }

    /// <summary>
    /// A tokenizer with the pairs of texts. Of pairs that come equally often the first in ordinal order of left and right token is
    /// taken, so equal texts give equal tokenizers in whatever order they come. A pair that would become a token that there is,
    /// or one of more than 1,024 bytes, is passed over.
    /// </summary>
    /// <param name="texts">The texts; each is read once.</param>
    /// <param name="merges">The most pairs; fewer where no other comes often enough. From 0 to 16,000,000.</param>
    /// <param name="minimumCount">The least count of a pair that is joined. At least 1; default 2.</param>
    /// <param name="special">The special tokens; null for the defaults.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ArgumentException">Half a surrogate pair in a text, or different words of more than 1,073,741,824 bytes in all.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static BytePairTokenizer Train(
        IEnumerable<string> texts, int merges, int minimumCount = 2, SpecialTokens? special = null, CancellationToken cancellation = default)
    {
        if (merges is < 0 or > 16_000_000) throw new ArgumentOutOfRangeException(nameof(merges), $"Tokenizer '{KindName}': expected 0 to 16,000,000 merges, received {merges}.");
        if (minimumCount < 1) throw new ArgumentOutOfRangeException(nameof(minimumCount), $"Tokenizer '{KindName}': expected a minimum count of at least 1, received {minimumCount}.");
        Vocabulary bytes = new Vocabulary(special).Grown(ByteAlphabet.Tokens);
        ByteAlphabet.IdsIn(bytes, $"Tokenizer '{KindName}'"); // refuses special tokens that are bytes, before the work
        TokenCounts words = TokenCounts.Of(texts, (text, pieces) =>
        {
            cancellation.ThrowIfCancellationRequested();
            BytePairWords.Add(text, pieces);
            return text;
        });
        string[] symbols = [.. ByteAlphabet.Tokens];
        var pairs = new PairTraining(words.Counts, word => Encoding.UTF8.GetBytes(word).Select(value => symbols[value]), string.Concat, bytes.Tokens, minimumCount);
        BytePairMerge[] found = [.. pairs.Run(merges, cancellation).Select(pair => new BytePairMerge(pair.Left, pair.Right))];
        return new BytePairTokenizer(bytes.Grown(found.Select(merge => merge.Joined)), found);
    }

    internal override void WriteConfiguration(JsonObject configuration)
    {
        var merges = new JsonArray();
        foreach (BytePairMerge merge in Merges) merges.Add((JsonNode)JsonValue.Create(merge.ToString()));
        configuration["merges"] = merges;
    }

    internal static BytePairTokenizer FromConfiguration(Vocabulary vocabulary, JsonObject configuration)
    {
        LayerSettings settings = TokenizerCatalogue.Settings(KindName, configuration);
        BytePairMerge[] merges = [.. settings.Texts("merges").Select((text, index) => text.Split(' ') is [var left, var right]
            ? new BytePairMerge(left, right)
            : throw new InvalidDataException($"Tokenizer kind '{KindName}': merge {index} is {QuotedText.Of(text)}; expected two tokens with a space between."))];
        return new BytePairTokenizer(vocabulary, merges) { LoneSurrogates = settings.LoneSurrogates() };
    }

    private protected override void Split(string text, TokenList tokens)
    {
        var pieces = new List<TextSpan>();
        BytePairWords.Add(text, pieces);
        foreach (TextSpan piece in pieces)
        {
            ReadOnlySpan<char> word = text.AsSpan(piece.Start, piece.Length);
            var spans = new Utf8Spans(word, piece.Start);
            foreach (int id in IdsOf(word)) tokens.Add(id, spans.Next(Vocabulary.TokenOf(id).Length));
        }
    }

    private protected override string Join(IReadOnlyList<int> ids) => ByteAlphabet.TextOf(Vocabulary, ids);

    private int[] IdsOf(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestRemembered) return _joining.IdsOf(Bytes(word));
        if (_rememberedBySpan.TryGetValue(word, out int[]? ids)) return ids;
        ids = _joining.IdsOf(Bytes(word));
        if (Volatile.Read(ref _count) < MostRemembered && _rememberedBySpan.TryAdd(word, ids)) Interlocked.Increment(ref _count);
        return ids;
    }

    private static byte[] Bytes(ReadOnlySpan<char> word)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        return bytes;
    }
}
