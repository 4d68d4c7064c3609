using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Text;

/// <summary>Every word is a token. Decoding puts one space between words, so punctuation stands apart.</summary>
public sealed class WordTokenizer : Tokenizer
{
    internal const string KindName = "words";

    /// <summary>A tokenizer with a vocabulary that there is.</summary>
    /// <param name="vocabulary">The words, in lower case where text is lowered.</param>
    /// <param name="splitting">How a text is cut. Default <see cref="WordSplitting.Words"/>.</param>
    /// <param name="lowerCase">Whether text is lowered first, character by character and the same in every culture. Default false.</param>
    public WordTokenizer(Vocabulary vocabulary, WordSplitting splitting = WordSplitting.Words, bool lowerCase = false) : base(vocabulary)
    {
        Splitting = splitting;
        LowerCase = lowerCase;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>How a text is cut.</summary>
    public WordSplitting Splitting { get; }

    /// <summary>Whether text is lowered first.</summary>
    public bool LowerCase { get; }

    /// <summary>A tokenizer with the words of texts, the most frequent first.</summary>
    /// <param name="texts">The texts; each is read once.</param>
    /// <param name="splitting">How a text is cut. Default <see cref="WordSplitting.Words"/>.</param>
    /// <param name="lowerCase">Whether text is lowered first. Default false.</param>
    /// <param name="minimumCount">The least count of a word that is taken. At least 1; default 1.</param>
    /// <param name="maximumSize">The most tokens, special ones included; null for no limit.</param>
    /// <param name="special">The special tokens; null for the defaults.</param>
    /// <exception cref="ArgumentException">Half a surrogate pair in a text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A minimum below 1, or a maximum below the number of special tokens.</exception>
    public static WordTokenizer FromTexts(
        IEnumerable<string> texts, WordSplitting splitting = WordSplitting.Words, bool lowerCase = false,
        int minimumCount = 1, int? maximumSize = null, SpecialTokens? special = null)
    {
        TokenCounts counts = TokenCounts.Of(texts, (text, words) => Cut(text, splitting, lowerCase, words));
        return new WordTokenizer(Vocabulary.FromCounts(counts.Counts, minimumCount, maximumSize, special), splitting, lowerCase);
    }

    internal override void WriteConfiguration(JsonObject configuration)
    {
        configuration["splitting"] = Splitting.ToString();
        configuration["lower_case"] = LowerCase;
    }

    internal static WordTokenizer FromConfiguration(Vocabulary vocabulary, JsonObject configuration)
    {
        LayerSettings settings = TokenizerCatalogue.Settings(KindName, configuration);
        return new WordTokenizer(vocabulary, settings.Choice("splitting", WordSplitting.Words), settings.Flag("lower_case"))
        {
            LoneSurrogates = settings.LoneSurrogates(),
        };
    }

    private protected override void Split(string text, TokenList tokens)
    {
        var pieces = new List<TextSpan>();
        string read = Cut(text, Splitting, LowerCase, pieces);
        foreach (TextSpan piece in pieces) tokens.Add(IdOfText(read.AsSpan(piece.Start, piece.Length)), piece);
    }

    private protected override string Join(IReadOnlyList<int> ids) => string.Join(' ', ids.Select(Vocabulary.TokenOf));

    /// <summary>Adds the words and gives the text in which they lie. Lowering keeps every character's length, so places stay.</summary>
    private static string Cut(string text, WordSplitting splitting, bool lowerCase, List<TextSpan> words)
    {
        string read = lowerCase ? text.ToLowerInvariant() : text;
        WordRuns.Add(read, splitting, words);
        return read;
    }
}
