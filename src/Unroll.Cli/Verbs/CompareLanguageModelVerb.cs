using System.CommandLine;
using System.Text.Json.Nodes;
using Unroll.Cli.Comparison;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Tasks;
using Unroll.Text;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll compare language-model FILE</c>: networks side by side as language models of a text.</summary>
internal sealed class CompareLanguageModelVerb : CompareTaskVerb
{
    private static readonly string[] s_tokens = ["characters", "bytes", "byte-pairs"];

    private readonly Argument<string> _file = new("FILE") { Description = "A text in UTF-8; a name in .gz is unpacked." };
    private readonly Option<string?> _tokens = Word("--tokens", "What the text is cut into. Default characters.", s_tokens);
    private readonly Option<int?> _merges = Whole("--merges", "The most byte pairs that become tokens. Default 2000.", 0, 16_000_000);
    private readonly Option<int?> _length = Whole("--length", "How many tokens a network reads at a time. Default 100.", 1, 1_000_000);
    private readonly Option<int?> _embedding = Whole("--embedding", "The width of a token's embedding, the same before every network. Default 32.", 1, 65536);

    public CompareLanguageModelVerb(Screen screen) : base("language-model", "Compares networks as language models of a text.", screen)
    {
        Add(_file);
        foreach (Option option in new Option[] { _tokens, _merges, _length, _embedding }) Add(option);
        AddCommonOptions();
        Remarks =
        [
            "The last tenth of the text tests, the tenth before it validates. The quality is the cross-entropy in bits a character (a UTF-16 unit), which can be compared between kinds of tokens. What reads ahead is left out.",
            CommonRemark,
        ];
        Examples =
        [
            ("unroll compare language-model novel.txt", "all networks on characters"),
            ("unroll compare language-model novel.txt --tokens byte-pairs --units 256 --only lstm,lstm+weight_drop,transformer", "three larger networks on byte pairs"),
        ];
    }

    /// <inheritdoc/>
    protected override ComparisonData Read(ParseResult result, CancellationToken cancel)
    {
        string path = result.GetRequiredValue(_file);
        string text = string.Join('\n', TextLines.Read(path));
        if (text.Length == 0) throw new InputException($"{path}: expected a text, found none.");
        var comparison = new LanguageModelComparison
        {
            Source = path,
            Text = text,
            Tokens = s_tokens.First(word => string.Equals(word, result.GetValue(_tokens) ?? s_tokens[0], StringComparison.OrdinalIgnoreCase)),
            Merges = result.GetValue(_merges) ?? 2000,
            Length = result.GetValue(_length) ?? 100,
            Embedding = result.GetValue(_embedding) ?? 32,
        };
        (ComparisonTask task, string note) = comparison.Make();
        return new ComparisonData(path, task, [note], new JsonObject
        {
            ["task"] = Name,
            ["file"] = FileHash.Of(path),
            ["tokens"] = comparison.Tokens,
            ["merges"] = comparison.Merges,
            ["length"] = comparison.Length,
            ["embedding"] = comparison.Embedding,
        });
    }
}
