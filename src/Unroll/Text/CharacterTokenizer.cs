using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Text;

/// <summary>Every character is a token. Decoding gives the text back unless characters were unknown.</summary>
public sealed class CharacterTokenizer : Tokenizer
{
    internal const string KindName = "characters";

    /// <summary>A tokenizer with a vocabulary that there is.</summary>
    /// <param name="vocabulary">The characters.</param>
    /// <param name="unit">What a character is. Default <see cref="CharacterUnit.Rune"/>.</param>
    public CharacterTokenizer(Vocabulary vocabulary, CharacterUnit unit = CharacterUnit.Rune) : base(vocabulary) => Unit = unit;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>What a character is.</summary>
    public CharacterUnit Unit { get; }

    /// <summary>A tokenizer with the characters of texts, the most frequent first.</summary>
    /// <param name="texts">The texts; each is read once.</param>
    /// <param name="unit">What a character is. Default <see cref="CharacterUnit.Rune"/>.</param>
    /// <param name="minimumCount">The least count of a character that is taken. At least 1; default 1.</param>
    /// <param name="maximumSize">The most tokens, special ones included; null for no limit.</param>
    /// <param name="special">The special tokens; null for the defaults.</param>
    /// <exception cref="ArgumentException">Half a surrogate pair in a text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A minimum below 1, or a maximum below the number of special tokens.</exception>
    public static CharacterTokenizer FromTexts(
        IEnumerable<string> texts, CharacterUnit unit = CharacterUnit.Rune, int minimumCount = 1, int? maximumSize = null, SpecialTokens? special = null)
    {
        TokenCounts counts = TokenCounts.Of(texts, (text, pieces) =>
        {
            Pieces(text, unit, pieces);
            return text;
        });
        return new CharacterTokenizer(Vocabulary.FromCounts(counts.Counts, minimumCount, maximumSize, special), unit);
    }

    internal override void WriteConfiguration(JsonObject configuration) => configuration["unit"] = Unit.ToString();

    internal static CharacterTokenizer FromConfiguration(Vocabulary vocabulary, JsonObject configuration)
    {
        LayerSettings settings = TokenizerCatalogue.Settings(KindName, configuration);
        return new CharacterTokenizer(vocabulary, settings.Choice("unit", CharacterUnit.Rune)) { LoneSurrogates = settings.LoneSurrogates() };
    }

    private protected override void Split(string text, TokenList tokens)
    {
        var pieces = new List<TextSpan>();
        Pieces(text, Unit, pieces);
        foreach (TextSpan piece in pieces) tokens.Add(IdOfText(text.AsSpan(piece.Start, piece.Length)), piece);
    }

    private protected override string Join(IReadOnlyList<int> ids) => string.Concat(ids.Select(Vocabulary.TokenOf));

    private static void Pieces(string text, CharacterUnit unit, List<TextSpan> pieces)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = unit == CharacterUnit.Grapheme
                ? StringInfo.GetNextTextElementLength(text.AsSpan(at))
                : Rune.GetRuneAt(text, at).Utf16SequenceLength;
            pieces.Add(new TextSpan(at, length));
            at += length;
        }
    }
}
