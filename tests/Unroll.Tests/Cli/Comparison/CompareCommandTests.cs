using System.Globalization;
using Unroll.Basics;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Comparison;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Questions and exclamations: the last token tells which, after one to five of others.</summary>
    private string Texts(string name, int count, ulong seed)
    {
        var draws = new RandomStream(seed, "texts");
        string[] words = ["lo", "hunti", "mira", "\"sol, no\""];
        IEnumerable<string> rows = Enumerable.Range(0, count).Select(n =>
        {
            bool asks = draws.Below(2, 10L * n) == 0;
            string text = string.Join(' ', Enumerable.Range(0, 1 + draws.Below(5, 10L * n + 1)).Select(t => words[draws.Below(4, 10L * n + 2 + t)])) + (asks ? " ?" : " !");
            return $"{(asks ? "question" : "call")},\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        });
        return _folder.Write(name, "kind,text\n" + string.Join('\n', rows) + "\n");
    }

    private static Dictionary<string, string[]> Table(string output) => output.Split('\n').Where(line => line.StartsWith("lstm", StringComparison.Ordinal) || line.StartsWith("gru", StringComparison.Ordinal))
        .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToDictionary(cells => cells[0]);

    private static double Number(string cell) => double.Parse(cell, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [Fact]
    public void Classifiers_are_compared_and_a_resumed_run_goes_on_behind_those_there_are()
    {
        string train = Texts("train.csv", 200, 1), test = Texts("test.csv", 50, 2);
        string[] Compare(string only, params string[] more) =>
            ["compare", "classify", train, "--text", "text", "--label", "kind", "--test", test, "--units", "8", "--embedding", "8", "--learning-rates", "0.03", "--epochs", "6", "--only", only, "--out", _folder["run"], .. more];
        ProcessOutcome first = ProcessRunner.Unroll(Compare("lstm,gru"));
        Assert.Equal((0, true), (first.ExitCode, first.Output.Contains("180 texts to learn from, 20 texts to validate on, 50 texts to test on; 2 classes", StringComparison.Ordinal)));
        Dictionary<string, string[]> rows = Table(first.Output);
        Assert.Equal(["gru", "lstm"], rows.Keys);
        Assert.Equal(100, Number(rows["gru"][4]));
        Assert.Equal(100, Number(rows["lstm"][4]));
        Assert.InRange(Number(rows["gru"][1]) / Number(rows["lstm"][1]), 0.8, 1.2);
        string lines = File.ReadAllText(_folder["run", "metrics.jsonl"]);
        Assert.Equal(2, lines.Count(character => character == '\n'));
        Assert.Contains("<svg", File.ReadAllText(_folder["run", "report.html"]), StringComparison.Ordinal);

        File.AppendAllText(_folder["run", "metrics.jsonl"], "{\"model\": \"cut o"); // killed while writing
        ProcessOutcome second = ProcessRunner.Unroll(Compare("lstm,gru,lstm+zoneout", "--resume"));
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(rows["lstm"], Table(second.Output)["lstm"]); // the times too: it was not trained again
        Assert.Equal(["gru", "lstm", "lstm+zoneout"], Table(second.Output).Keys);
        Assert.StartsWith(lines, File.ReadAllText(_folder["run", "metrics.jsonl"]), StringComparison.Ordinal);
        ProcessOutcome other = ProcessRunner.Unroll(Compare("lstm,gru", "--resume", "--seed", "9"));
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("'options.seed' was 0 and is 9 now", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Forecasters_are_compared_beside_those_without_a_network()
    {
        string series = _folder.Write("waves.csv", "value\n" + string.Join('\n', Enumerable.Range(0, 240).Select(t => (10 + 3 * Math.Sin(t * Math.PI / 6)).ToString("0.0000", CultureInfo.InvariantCulture))) + "\n");
        ProcessOutcome outcome = ProcessRunner.Unroll("compare", "forecast", series, "--target", "value", "--horizon", "3", "--input-length", "12", "--units", "8", "--learning-rates", "0.01", "--only", "lstm,gru,lstm+word_dropout", "--out", _folder["run"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("Beside them on the same 46 forecasts of the test: ridge MAE", outcome.Output, StringComparison.Ordinal); // 48 rows, 3 at a time
        Assert.Contains("Left out: lstm+word_dropout (it needs tokens).", outcome.Output, StringComparison.Ordinal);
        foreach (string[] row in Table(outcome.Output).Values) Assert.InRange(Number(row[4]), 0, 0.5); // in the series' unit; its mean deviation is 1.9
    }

    [Fact]
    public void Language_models_are_compared_in_bits_a_character()
    {
        string text = _folder.Write("text.txt", string.Concat(Enumerable.Repeat("abcdefgh", 1000)));
        ProcessOutcome outcome = ProcessRunner.Unroll("compare", "language-model", text, "--length", "20", "--units", "16", "--learning-rates", "0.02", "--epochs", "4", "--only", "gru,lstm,bidirectional_lstm", "--seeds", "2", "--out", _folder["run"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("Left out: bidirectional_lstm (it would read what is to be guessed).", outcome.Output, StringComparison.Ordinal);
        // Each character follows from the one before it.
        foreach (string[] row in Table(outcome.Output).Values) Assert.InRange(Number(row[4]), 0, 0.05);
        ProcessOutcome pairs = ProcessRunner.Unroll("compare", "language-model", text, "--tokens", "byte-pairs", "--merges", "3", "--length", "20", "--units", "16", "--learning-rates", "0.005", "--epochs", "60", "--only", "gru", "--out", _folder["pairs"]);
        Assert.InRange(Number(Table(pairs.Output)["gru"][4]), 0, 0.05);
    }

    [Fact]
    public void Wrong_input_is_refused_with_file_and_line()
    {
        string texts = Texts("texts.csv", 60, 1);
        string Error(int exitCode, params string[] arguments)
        {
            ProcessOutcome outcome = ProcessRunner.Unroll(["compare", .. arguments, "--out", _folder["run"]]);
            Assert.Equal(exitCode, outcome.ExitCode);
            Assert.False(Directory.Exists(_folder["run"]));
            return outcome.Error;
        }
        void Refused(string expected, int exitCode, params string[] arguments) => Assert.Contains(expected, Error(exitCode, arguments), StringComparison.Ordinal);
        string[] classify = ["classify", texts, "--text", "text", "--label", "kind"];
        Refused("no label column 'kin'. The columns are 'kind', 'text'. Did you mean 'kind'?", 1, "classify", texts, "--text", "text", "--label", "kin");
        Refused("--only has 'lsmt', which is no network. Did you mean 'lstm'?", 2, [.. classify, "--only", "lsmt"]);
        Refused("--learning-rates is '0.1,0'; expected numbers above 0", 2, [.. classify, "--learning-rates", "0.1,0"]);
        Refused("no network is left to compare: lstm+temporal_activity (it needs an answer at every step)", 1, [.. classify, "--only", "lstm+temporal_activity"]);
        Refused("one.csv: expected at least two classes in column 'kind', found 'a' alone", 1, "classify", _folder.Write("one.csv", "kind,text\n" + string.Concat(Enumerable.Repeat("a,lo\n", 20))), "--text", "text", "--label", "kind");
        Refused("few.csv: expected at least 6 rows, of which a tenth is held out, found 2 rows", 1, "classify", _folder.Write("few.csv", "kind,text\na,lo\nb,mira\n"), "--text", "text", "--label", "kind");
        Refused("gap.csv, line 3: expected a text and its class, found nothing in column 'text'", 1, "classify", _folder.Write("gap.csv", "kind,text\na,lo\nb,\n"), "--text", "text", "--label", "kind");
        Refused("new.csv, line 2: expected a class that the rows to learn from have ('call', 'question'), found 'song'", 1, [.. classify, "--test", _folder.Write("new.csv", "kind,text\nsong,lo\n")]);
        Refused("short.txt: expected a text of which each tenth has more than 100 tokens, found a part of", 1, "language-model", _folder.Write("short.txt", "brief text"));
        Refused("none.txt: expected a text, found none", 1, "language-model", _folder.Write("none.txt", ""));
        string series = _folder.Write("series.csv", "value\n1\n2\n3\n4\n5\n");
        Refused("--test is '0'; expected a number of rows, or a share above 0 and below 1", 2, "forecast", series, "--target", "value", "--horizon", "1", "--test", "0");
        Refused("series.csv: Series 'value': 3 rows are too few", 1, "forecast", series, "--target", "value", "--horizon", "2", "--test", "2", "--input-length", "3");
        Refused("(2 rows at the end held out for the test.)", 1, "forecast", series, "--target", "value", "--horizon", "2", "--test", "2", "--input-length", "3");
        Refused("no such file", 1, "language-model", _folder["nowhere.txt"]);
    }
}
