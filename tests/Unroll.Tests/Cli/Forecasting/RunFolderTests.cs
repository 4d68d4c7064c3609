using System.Text.Json.Nodes;
using Unroll.Cli;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Runs;
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

    [Fact]
    public void A_training_that_is_refused_leaves_an_earlier_run_as_it_was_and_makes_no_folder()
    {
        using var folder = new TemporaryFolder();
        string csv = folder.Write("waves.csv", "y\n" + string.Concat(Enumerable.Range(0, 40).Select(t => $"{3 + t % 4}\n")));
        string[] Train(string horizon, string run) => ["train", "forecast", csv, "--target", "y", "--horizon", horizon, "--test", "0", "--epochs", "0", "--out", folder[run]];
        Assert.Equal(0, ProcessRunner.Unroll(Train("2", "run")).ExitCode);
        Dictionary<string, byte[]> Files() => Directory.GetFiles(folder["run"]).ToDictionary(file => file, File.ReadAllBytes);
        Dictionary<string, byte[]> before = Files();
        Assert.Contains(before, file => file.Key.EndsWith("model.safetensors", StringComparison.Ordinal));
        foreach (string run in new[] { "run", "other" })
        {
            ProcessOutcome refused = ProcessRunner.Unroll(Train("30", run));
            Assert.Equal((1, true), (refused.ExitCode, refused.Error.StartsWith($"error: {csv}: Series 'y': 40 rows are too few;", StringComparison.Ordinal)));
        }
        Assert.Equal(before, Files());
        Assert.False(Directory.Exists(folder["other"]));
    }

    [Fact]
    public void A_folder_without_a_model_says_whether_its_training_has_ended()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["run"]);
        string start = $"error: {folder["run"]}: expected a run folder with its model.safetensors, found none in it. ";
        Assert.Equal(new ProcessOutcome(1, "", start + "Name the folder that a training wrote, or a model file.\n"), ProcessRunner.Unroll("inspect", folder["run"]));
        File.WriteAllText(folder["run", "checkpoint.safetensors"], "c");
        Assert.Equal(new ProcessOutcome(1, "", start + "The training has not ended; give its command again with --resume.\n"), ProcessRunner.Unroll("predict", folder["run"], "any.csv"));
    }
}
