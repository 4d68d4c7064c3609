using System.Text;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Text;

/// <summary>
/// BERT's tokens (Devlin et al. 2018, arXiv 1810.04805): the text is cleaned and cut into words and punctuation, and each word
/// into the longest pieces of the vocabulary from the left, those behind the first being written with ## before them. A word
/// that cannot be cut so is unknown as a whole.
/// </summary>
/// <remarks>
/// With <see cref="LowerCase"/> characters are lowered one by one and lose their accents (canonical decomposition without
/// non-spacing marks), so Hangul becomes jamo; unlike the published code, a capital sigma at a word's end is σ, not ς. Decoding puts spaces
/// between words.
/// </remarks>
public sealed class WordPieceTokenizer : Tokenizer
{
    internal const string KindName = "word_pieces";

    private const string Continuation = "##";

    private readonly Dictionary<string, int> _behind = new(StringComparer.Ordinal); // pieces behind the first, without their mark
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _behindBySpan;
    private readonly int _longest, _unknown, _longestWord = 100;

    /// <summary>A tokenizer with the pieces of a vocabulary.</summary>
    /// <param name="vocabulary">The pieces, with an unknown token.</param>
    /// <param name="lowerCase">Whether text is lowered and loses its accents, as "uncased" models want it. Default true.</param>
    /// <exception cref="ArgumentException">A vocabulary without an unknown token.</exception>
    public WordPieceTokenizer(Vocabulary vocabulary, bool lowerCase = true) : base(vocabulary)
    {
        LowerCase = lowerCase;
        _unknown = vocabulary.UnknownId
            ?? throw new ArgumentException($"{Title}: expected a vocabulary with a special token for the unknown, found none; words may have no pieces.", nameof(vocabulary));
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.IsSpecial(id)) continue;
            string token = vocabulary.TokenOf(id);
            _longest = Math.Max(_longest, token.Length);
            if (IsBehind(token)) _behind.Add(token[Continuation.Length..], id);
        }
        _behindBySpan = _behind.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Whether text is lowered and loses its accents.</summary>
    public bool LowerCase { get; }

    /// <summary>The most characters of a word that is cut; a longer one is unknown. At least 1; default 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int LongestWord
    {
        get => _longestWord;
        init => _longestWord = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(LongestWord), $"{Title}: expected a longest word of at least 1 character, received {value}.");
    }

    /// <summary>Reads a vocabulary as published for BERT: a piece a line, the first line being id 0.</summary>
    /// <param name="path">The file, vocab.txt.</param>
    /// <param name="lowerCase">Whether text is lowered and loses its accents, as "uncased" models want it. Default true.</param>
    /// <param name="special">The special tokens, all of them in the file; null for <see cref="SpecialTokens.Bert"/>.</param>
    /// <exception cref="TextFileException">No such file, no UTF-8, an empty or repeated line, or a special token that is missing.</exception>
    public static WordPieceTokenizer FromFile(string path, bool lowerCase = true, SpecialTokens? special = null)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string piece in TextLines.Read(path))
        {
            int line = lines.Count + 1;
            if (piece.Length == 0) throw new TextFileException($"{path}, line {line}: expected a piece, found an empty line. Remove it, if no id counts on it.");
            if (!lines.TryAdd(piece, line))
                throw new TextFileException($"{path}, line {line}: the piece {QuotedText.Of(piece)} stands in line {lines[piece]} already; a piece comes once.");
        }
        try
        {
            return new WordPieceTokenizer(new Vocabulary(lines.Keys, special ?? SpecialTokens.Bert), lowerCase);
        }
        catch (ArgumentException refused)
        {
            throw new TextFileException($"{path}: {refused.Message}", refused);
        }
    }

    /// <summary>
    /// A tokenizer with the pieces of texts: every character that a word begins with, every other one with its mark, and what the
    /// most frequent pair of neighbours becomes, again and again (byte-pair encoding's criterion, as in Hugging Face's trainer;
    /// the authors have published none). Of pairs that come equally often the first in ordinal order of left and right piece is
    /// taken, so equal texts give equal tokenizers in whatever order they come.
    /// </summary>
    /// <remarks>A pair that would become a piece that there is, or one of more than 1,024 UTF-16 units, is passed over.</remarks>
    /// <param name="texts">The texts; each is read once.</param>
    /// <param name="size">The most tokens, special ones included; fewer where no other pair comes often enough. At least the special tokens and the characters.</param>
    /// <param name="minimumCount">The least count of a pair that is joined. At least 1; default 2.</param>
    /// <param name="lowerCase">Whether text is lowered and loses its accents. Default true.</param>
    /// <param name="special">The special tokens; null for <see cref="SpecialTokens.Bert"/>.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ArgumentException">Half a surrogate pair in a text, special tokens without an unknown one, or different words of more than 1,073,741,824 characters in all.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static WordPieceTokenizer Train(
        IEnumerable<string> texts, int size, int minimumCount = 2, bool lowerCase = true, SpecialTokens? special = null, CancellationToken cancellation = default)
    {
        if (minimumCount < 1) throw new ArgumentOutOfRangeException(nameof(minimumCount), $"Tokenizer '{KindName}': expected a minimum count of at least 1, received {minimumCount}.");
        var alone = new Vocabulary(special ?? SpecialTokens.Bert);
        _ = new WordPieceTokenizer(alone, lowerCase); // refuses special tokens without an unknown one, before the work
        TokenCounts words = TokenCounts.Of(texts, (text, pieces) =>
        {
            cancellation.ThrowIfCancellationRequested();
            BertWords cut = BertWords.Of(text, lowerCase);
            pieces.AddRange(cut.Words);
            return cut.Characters;
        });
        Vocabulary characters = alone.Grown(words.Counts.Keys.SelectMany(Characters).Distinct().Order(StringComparer.Ordinal));
        if (size < characters.Count)
            throw new ArgumentOutOfRangeException(nameof(size), $"Tokenizer '{KindName}': expected a size of at least {characters.Count}, the {alone.Count} special tokens and the {characters.Count - alone.Count} characters of the texts, at a word's beginning and behind it, received {size}.");
        var pairs = new PairTraining(words.Counts, Characters, Joined, characters.Tokens, minimumCount);
        return new WordPieceTokenizer(characters.Grown(pairs.Run(size - characters.Count, cancellation).Select(pair => Joined(pair.Left, pair.Right))), lowerCase);
    }

    internal override void WriteConfiguration(JsonObject configuration)
    {
        configuration["lower_case"] = LowerCase;
        configuration["longest_word"] = LongestWord;
    }

    internal static WordPieceTokenizer FromConfiguration(Vocabulary vocabulary, JsonObject configuration)
    {
        LayerSettings settings = TokenizerCatalogue.Settings(KindName, configuration);
        return new WordPieceTokenizer(vocabulary, settings.Flag("lower_case"))
        {
            LongestWord = settings.WholeNumber("longest_word"),
            LoneSurrogates = settings.LoneSurrogates(),
        };
    }

    private protected override void Split(string text, TokenList tokens)
    {
        BertWords words = BertWords.Of(text, LowerCase);
        foreach (TextSpan word in words.Words)
        {
            int before = tokens.Count;
            if (IsCut(words, word, tokens)) continue;
            tokens.Truncate(before);
            tokens.Add(_unknown, words.SpanOf(word.Start, word.Length));
        }
    }

    private protected override string Join(IReadOnlyList<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            string token = Vocabulary.TokenOf(id);
            bool isBehind = IsBehind(token);
            if (text.Length > 0 && !isBehind) text.Append(' ');
            text.Append(isBehind ? token.AsSpan(Continuation.Length) : token);
        }
        return text.ToString();
    }

    /// <summary>Adds the longest pieces from the left; false where at some place none fits.</summary>
    private bool IsCut(BertWords words, TextSpan word, TokenList tokens)
    {
        ReadOnlySpan<char> characters = words.Characters.AsSpan(word.Start, word.Length);
        if (characters.Length > LongestWord && CountRunes(characters) > LongestWord) return false;
        for (int at = 0; at < characters.Length;)
        {
            int id = 0, length = Math.Min(characters.Length - at, _longest);
            while (length > 0 && !TryGetPiece(characters.Slice(at, length), at > 0, out id)) length--;
            if (length == 0) return false;
            tokens.Add(id, words.SpanOf(word.Start + at, length));
            at += length;
        }
        return true;
    }

    private bool TryGetPiece(ReadOnlySpan<char> piece, bool isBehind, out int id) =>
        isBehind ? _behindBySpan.TryGetValue(piece, out id) : TryGetIdOfText(piece, out id);

    /// <summary>The pieces of a word before any is joined.</summary>
    private static IEnumerable<string> Characters(string word) => word.EnumerateRunes().Select((rune, at) => at == 0 ? $"{rune}" : $"{Continuation}{rune}");

    private static string Joined(string left, string right) => string.Concat(left, right.AsSpan(Continuation.Length));

    private static bool IsBehind(string token) => token.Length > Continuation.Length && token.StartsWith(Continuation, StringComparison.Ordinal);

    private static int CountRunes(ReadOnlySpan<char> characters)
    {
        int count = 0;
        foreach (Rune _ in characters.EnumerateRunes()) count++;
        return count;
    }
}
