using System.CommandLine;
using System.Globalization;
using System.Text;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Cli.Translation;
using Unroll.Files;
using Unroll.Reports;
using Unroll.Tasks;
using Unroll.Text;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll translate MODEL FILE</c>: a file's sentences in the other language.</summary>
internal sealed class TranslateVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "A model file, or the run folder that it is in." };
    private readonly Argument<string> _file = new("FILE") { Description = "Sentences in UTF-8, one a line; a name in .gz is unpacked. '-' reads standard input." };
    private readonly Option<string?> _out = new("--out") { Description = "Writes the translations to this file instead of the screen.", HelpName = "FILE" };
    private readonly Option<string?> _reference = new("--reference") { Description = "Translations by people, line by line: prints scores instead of translations.", HelpName = "FILE" };
    private readonly Option<int?> _beam = Whole("--beam", "How many translations of a sentence are followed at once. Default 5; 1 is fastest.", 1, 1000);
    private readonly Option<string?> _alignments = new("--alignments") { Description = "Writes a picture and a table of what each word was translated from to this folder, N.svg and N.json for line N.", HelpName = "FOLDER" };
    private readonly Screen _screen;

    public TranslateVerb(Screen screen) : base("translate", "Translates the sentences of a file.")
    {
        _screen = screen;
        Add(_model);
        Add(_file);
        Add(_out);
        Add(_reference);
        Add(_beam);
        Add(_alignments);
        Examples =
        [
            ("unroll translate runs/translate news.de", "shows the translations"),
            ("unroll translate runs/translate news.de --out news.en", "writes them to a file"),
            ("unroll translate runs/translate news.de --alignments pictures", "draws what each word was translated from"),
            ("unroll translate runs/translate test.de --reference test.en", "scores the translator"),
        ];
        SetAction((result, cancel) =>
        {
            Run(result, cancel);
            return Task.FromResult(ExitCodes.Done);
        });
    }

    private void Run(ParseResult result, CancellationToken cancel)
    {
        var translator = Translator.Load(RunFolder.ModelIn(result.GetRequiredValue(_model)));
        string path = result.GetRequiredValue(_file);
        int beam = result.GetValue(_beam) ?? 5;
        if (result.GetValue(_reference) is { } reference)
        {
            TextPair pairs = TextPair.Read(path, reference, EmptyLines.Refuse);
            TranslationScore score = translator.Evaluate(pairs.Text, beam, cancellation: cancel);
            foreach (string line in TranslationReport.Scores(score, beam)) _screen.Output.WriteLine(line);
            return;
        }
        string[] lines = [.. path == "-" ? TextLines.Read(Console.OpenStandardInput(), "standard input") : TextLines.Read(path)];
        for (int i = 0; i < lines.Length; i++)
            if (string.IsNullOrWhiteSpace(lines[i])) throw new InputException($"{path}, line {i + 1}: expected a sentence, found an empty line. Take it out; each line gives a line.");
        string? folder = result.GetValue(_alignments);
        IReadOnlyList<Unroll.Tasks.Translation> translations = translator.Translate(lines, beam, withAlignment: folder is not null, cancellation: cancel);
        if (folder is not null) Draw(folder, translations);
        if (result.GetValue(_out) is not { } destination)
        {
            foreach (Unroll.Tasks.Translation one in translations) _screen.Output.WriteLine(one.Text);
            return;
        }
        var text = new StringBuilder();
        foreach (Unroll.Tasks.Translation one in translations) text.Append(one.Text).Append('\n');
        AtomicFile.WriteText(destination, text.ToString());
        _screen.Output.WriteLine($"Wrote {destination}: {Figures.Count(translations.Count, "line")}.");
    }

    private static void Draw(string folder, IReadOnlyList<Unroll.Tasks.Translation> translations)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < translations.Count; i++)
        {
            Unroll.Tasks.Translation one = translations[i];
            var picture = new AlignmentPicture(one.Text, one.SourceTokens, one.TargetTokens, one.Alignment!);
            string name = Path.Combine(folder, (i + 1).ToString(CultureInfo.InvariantCulture));
            AtomicFile.WriteText(name + ".svg", picture.ToSvg());
            AtomicFile.WriteText(name + ".json", picture.ToJson());
        }
    }
}
