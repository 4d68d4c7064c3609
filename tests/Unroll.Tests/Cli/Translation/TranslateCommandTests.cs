using System.Text;
using Unroll.Tests.Support;
using Unroll.Tests.Tasks.Translation;

namespace Unroll.Tests.Cli.Translation;

public sealed class TranslateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Train(string source, string target, params string[] more) =>
    [
        "train", "translate", source, target, "--validation", _folder["validation.a"], _folder["validation.b"], "--units", "16", "--embedding", "8", "--merges", "20",
        "--dropout", "0", "--epochs", "2", "--batch", "10", "--out", _folder["run"], .. more,
    ];

    [Fact]
    public void A_run_is_trained_resumed_scored_and_used()
    {
        (string source, string target) = ToyLanguages.Write(_folder, "train", 120, 1);
        ToyLanguages.Write(_folder, "validation", 20, 2);
        (string testSource, string testTarget) = ToyLanguages.Write(_folder, "test", 10, 3);
        ProcessOutcome trained = ProcessRunner.Unroll(Train(source, target, "--test", testSource, testTarget));
        Assert.Equal("", string.Concat(trained.Error.Split('\n').Where(line => line.StartsWith("error", StringComparison.Ordinal))));
        Assert.Equal(0, trained.ExitCode);
        Assert.Contains("|tok:13a|smooth:exp|", trained.Output, StringComparison.Ordinal);
        Assert.Contains("On 10 test pairs", trained.Output, StringComparison.Ordinal);
        foreach (string file in new[] { "model.safetensors", "configuration.json", "metrics.jsonl", "checkpoint.safetensors", "report.html" })
            Assert.True(File.Exists(_folder["run", file]), file);

        byte[] model = File.ReadAllBytes(_folder["run", "model.safetensors"]);
        Assert.Equal(0, ProcessRunner.Unroll(Train(source, target, "--test", testSource, testTarget, "--resume")).ExitCode);
        Assert.Equal(model, File.ReadAllBytes(_folder["run", "model.safetensors"]));

        ProcessOutcome scored = ProcessRunner.Unroll("translate", _folder["run"], testSource, "--reference", testTarget);
        string[] Scores(string output) => [.. output.Split('\n').Where(line => line.StartsWith("BLEU ", StringComparison.Ordinal) || line.StartsWith("perplexity ", StringComparison.Ordinal))];
        Assert.Equal(2, Scores(trained.Output).Length);
        Assert.Equal(Scores(trained.Output), Scores(scored.Output));
        ProcessOutcome written = ProcessRunner.Unroll("translate", _folder["run"], testSource, "--out", _folder["test.out"], "--beam", "2", "--alignments", _folder["pictures"]);
        Assert.Equal(0, written.ExitCode);
        Assert.Equal(10, File.ReadAllLines(_folder["test.out"]).Length);
        Assert.Equal(20, Directory.GetFiles(_folder["pictures"]).Length);
        Assert.Contains("hunti", string.Concat(Enumerable.Range(1, 10).Select(i => File.ReadAllText(_folder["pictures", $"{i}.svg"]))), StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(_folder["run", "report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_input_is_refused_with_file_and_line()
    {
        (string source, string target) = ToyLanguages.Write(_folder, "train", 30, 1);
        ToyLanguages.Write(_folder, "validation", 20, 2);
        string Error(int exitCode, params string[] arguments)
        {
            ProcessOutcome outcome = ProcessRunner.Unroll(arguments);
            Assert.Equal(exitCode, outcome.ExitCode);
            return outcome.Error;
        }
        string[] Instead(string option, string value)
        {
            string[] arguments = Train(source, target);
            arguments[Array.IndexOf(arguments, option) + 1] = value;
            return arguments;
        }
        string shorter = _folder.Write("short.b", string.Join('\n', File.ReadLines(target).Take(29)) + "\n");
        Assert.Contains("short.b, line 30: expected a line for each of the 30", Error(1, Train(source, shorter)), StringComparison.Ordinal);
        string empty = _folder.Write("empty.b", string.Join('\n', File.ReadLines(target).Select((line, i) => i == 6 ? "" : line)) + "\n");
        Assert.Contains("empty.b, line 7: the target is empty", Error(1, Train(source, empty)), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["bad.a"], [.. Encoding.UTF8.GetBytes("lo hunti\nlo "), 0xC3, 0x28, (byte)'\n']);
        Assert.Contains("bad.a, line 2, byte", Error(1, Train(_folder["bad.a"], target)), StringComparison.Ordinal);
        Assert.Contains("expected a file packed by gzip", Error(1, Train(_folder.Write("plain.gz", "lo hunti\n"), target)), StringComparison.Ordinal);
        Assert.Contains("expected at least one line of text", Error(1, Train(_folder.Write("none.a", ""), _folder.Write("none.b", ""))), StringComparison.Ordinal);
        Assert.Contains("--units is '7'; expected an even number", Error(2, Instead("--units", "7")), StringComparison.Ordinal);
        Assert.Contains("--dropout is '1'", Error(2, Instead("--dropout", "1")), StringComparison.Ordinal);
        Assert.Contains("no such file", Error(1, "translate", _folder["nowhere.safetensors"], source), StringComparison.Ordinal);
    }
}
