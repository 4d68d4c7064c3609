using System.CommandLine;
using System.Text.Json.Nodes;
using Unroll.Cli.Comparison;
using Unroll.Cli.Csv;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll compare classify FILE</c>: networks side by side as classifiers of a CSV file's texts.</summary>
internal sealed class CompareClassifyVerb : CompareTaskVerb
{
    private readonly Argument<string> _file = new("FILE") { Description = "A CSV file with a header line, a text and its class in each row." };
    private readonly Option<string> _text = new("--text") { Description = "The column of texts.", Required = true, HelpName = "NAME" };
    private readonly Option<string> _label = new("--label") { Description = "The column of classes.", Required = true, HelpName = "NAME" };
    private readonly Option<string?> _test = new("--test") { Description = "A CSV file with the same columns to test on. Default: a tenth of the rows, drawn by --seed.", HelpName = "FILE" };
    private readonly Option<string?> _tokens = Word("--tokens", "What a text is cut into. Words that come once are unknown. Default words.", "words", "characters");
    private readonly Option<bool> _keepCase = new("--keep-case") { Description = "Leaves capital letters as they are instead of lowering them." };
    private readonly Option<int?> _maximum = Whole("--maximum-length", "The most tokens of a text; what follows is cut off. Default 200.", 1, 1_000_000);
    private readonly Option<int?> _vocabulary = Whole("--vocabulary", "The most different tokens. Default 20000.", 5, 16_000_000);
    private readonly Option<int?> _embedding = Whole("--embedding", "The width of a token's embedding, the same before every network. Default 64.", 1, 65536);

    public CompareClassifyVerb(Screen screen) : base("classify", "Compares networks as classifiers of the texts of a CSV file.", screen)
    {
        Add(_file);
        foreach (Option option in new Option[] { _text, _label, _test, _tokens, _keepCase, _maximum, _vocabulary, _embedding }) Add(option);
        AddCommonOptions();
        Remarks = ["A tenth of the rows, drawn by --seed, validates.", CommonRemark];
        Examples =
        [
            ("unroll compare classify reviews.csv --text review --label stars", "all networks, with one seed"),
            ("unroll compare classify reviews.csv --text review --label stars --test newer.csv --only lstm,lstm+dropout,bidirectional_lstm --seeds 5", "three networks, tested on another file, with five seeds each"),
        ];
    }

    /// <inheritdoc/>
    protected override ComparisonData Read(ParseResult result, CancellationToken cancel)
    {
        string path = result.GetRequiredValue(_file);
        string? test = result.GetValue(_test);
        bool characters = string.Equals(result.GetValue(_tokens), "characters", StringComparison.OrdinalIgnoreCase);
        var comparison = new ClassificationComparison
        {
            Table = CsvTable.Read(path),
            Test = test is null ? null : CsvTable.Read(test),
            Text = result.GetRequiredValue(_text),
            Label = result.GetRequiredValue(_label),
            Characters = characters,
            LowerCase = !result.GetValue(_keepCase),
            MaximumLength = result.GetValue(_maximum) ?? 200,
            VocabularySize = result.GetValue(_vocabulary) ?? 20_000,
            Embedding = result.GetValue(_embedding) ?? 64,
            Seed = Seed(result),
        };
        (ComparisonTask task, string note) = comparison.Make();
        return new ComparisonData(path, task, [note], new JsonObject
        {
            ["task"] = Name,
            ["file"] = FileHash.Of(path),
            ["test"] = test is null ? null : FileHash.Of(test),
            ["text"] = comparison.Text,
            ["label"] = comparison.Label,
            ["tokens"] = characters ? "characters" : "words",
            ["lower_case"] = comparison.LowerCase,
            ["maximum_length"] = comparison.MaximumLength,
            ["vocabulary"] = comparison.VocabularySize,
            ["embedding"] = comparison.Embedding,
        });
    }
}
