using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Text;

/// <summary>
/// Every byte of the text in UTF-8 is a token: 256 behind the special ones, and no text is unknown. Decoding gives the text
/// back; bytes that are no UTF-8, as a model may write them, become U+FFFD.
/// </summary>
public sealed class ByteTokenizer : Tokenizer
{
    internal const string KindName = "bytes";

    private readonly int[] _ids;

    /// <summary>A tokenizer of bytes.</summary>
    /// <param name="special">The special tokens; null for the defaults.</param>
    /// <exception cref="ArgumentException">A special token that comes twice, or is one of a single byte.</exception>
    public ByteTokenizer(SpecialTokens? special = null) : this(new Vocabulary(special).Grown(ByteAlphabet.Tokens))
    {
    }

    private ByteTokenizer(Vocabulary vocabulary) : base(vocabulary) => _ids = ByteAlphabet.IdsIn(vocabulary, Title);

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override void WriteConfiguration(JsonObject configuration)
    {
    }

    internal static ByteTokenizer FromConfiguration(Vocabulary vocabulary, JsonObject configuration) =>
        new(vocabulary) { LoneSurrogates = TokenizerCatalogue.Settings(KindName, configuration).LoneSurrogates() };

    private protected override void Split(string text, TokenList tokens)
    {
        var spans = new Utf8Spans(text, 0);
        foreach (byte value in Encoding.UTF8.GetBytes(text)) tokens.Add(_ids[value], spans.Next(1));
    }

    private protected override string Join(IReadOnlyList<int> ids) => ByteAlphabet.TextOf(Vocabulary, ids);
}
