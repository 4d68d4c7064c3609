using System.Text.Json.Nodes;
using Unroll.Cli;
using Unroll.Cli.Forecasting;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Forecasting;

public class RunFolderTests
{
    [Fact]
    public void A_run_without_a_folder_gets_a_free_one_and_its_resumption_the_last()
    {
        using var folder = new TemporaryFolder();
        string csv = folder.Write("waves.csv", "y\n" + string.Concat(Enumerable.Range(0, 40).Select(t => $"{3 + t % 4}\n")));
        string[] train = ["train", "forecast", csv, "--target", "y", "--horizon", "2", "--epochs", "1", "--units", "4"];
        string Wrote(params string[] options)
        {
            ProcessOutcome outcome = ProcessRunner.Unroll(folder.Path, null, [.. train, .. options]);
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            string line = outcome.Output.Split('\n').Single(line => line.StartsWith("Wrote ", StringComparison.Ordinal));
            return line["Wrote ".Length..line.IndexOf(':', StringComparison.Ordinal)];
        }
        Assert.Equal(Path.Combine("runs", "waves"), Wrote());
        Assert.Equal(Path.Combine("runs", "waves-2"), Wrote());
        Assert.Equal(Path.Combine("runs", "waves-2"), Wrote("--resume"));
        Assert.Equal(Path.Combine("runs", "waves-3"), Wrote());
    }

    [Fact]
    public void A_new_run_in_an_old_folder_drops_the_old_ones_files_and_a_resumed_one_keeps_them()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder["run"]);
        JsonObject Configuration(int units) => new() { ["options"] = new JsonObject { ["units"] = units, ["seed"] = 1 } };
        run.Begin(Configuration(3), resume: false);
        File.WriteAllText(run.Checkpoint, "c");
        run.Begin(Configuration(3), resume: true);
        Assert.True(run.HasCheckpoint);
        Assert.Equal($"{run.Configuration}: 'options.units' was 3 and is 4 now. Resume with the settings and the data of the run's beginning, or train without --resume.",
            Assert.Throws<InputException>(() => run.Begin(Configuration(4), resume: true)).Message);
        run.Begin(Configuration(4), resume: false);
        Assert.False(run.HasCheckpoint);
        Assert.Equal(4, (int)JsonNode.Parse(File.ReadAllText(run.Configuration))!["options"]!["units"]!);
        File.WriteAllText(run.Configuration, "{");
        Assert.Contains("cannot be read. Train without --resume.", Assert.Throws<InputException>(() => run.Begin(Configuration(4), resume: true)).Message, StringComparison.Ordinal);
    }
}
