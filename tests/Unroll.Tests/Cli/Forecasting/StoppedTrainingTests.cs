using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Files;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Forecasting;

/// <summary>Training that is stopped by Ctrl-C or killed, and goes on.</summary>
public sealed class StoppedTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Csv { get; }

    public StoppedTrainingTests()
    {
        // The logistic map, which a regression cannot follow, so that the network learns for many epochs.
        var text = new System.Text.StringBuilder("value\n");
        double x = 0.3;
        for (int t = 0; t < 500; t++)
        {
            x = 3.9 * x * (1 - x);
            text.Append(CultureInfo.InvariantCulture, $"{x:0.00000}\n");
        }
        Csv = _folder.Write("map.csv", text.ToString());
    }

    public void Dispose() => _folder.Dispose();

    private string[] Train(string folder, int epochs, bool resume) =>
    [
        "train", "forecast", Csv, "--target", "value", "--horizon", "2", "--input-length", "16", "--units", "24", "--epochs", epochs.ToString(CultureInfo.InvariantCulture),
        "--patience", "100000", "--checkpoint-every", "2", "--out", _folder[folder], .. resume ? ["--resume"] : Array.Empty<string>(),
    ];

    private byte[] Bytes(string folder, string file) => File.ReadAllBytes(_folder[folder, file]);

    /// <summary>How many epochs the first line of progress tells of.</summary>
    private static double FirstProgress(string error)
    {
        string line = error.Split('\n').First(line => line.StartsWith("training: ", StringComparison.Ordinal));
        return double.Parse(line["training: ".Length..line.IndexOf('/', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a checkpoint is one of the first training's, between its first and its last step.</summary>
    private static bool IsWithin(string checkpoint, int epochs)
    {
        if (!File.Exists(checkpoint)) return false;
        using SafetensorsFile file = SafetensorsFile.Open(checkpoint);
        JsonNode state = JsonNode.Parse(file.Metadata["checkpoint"])!;
        return (int)state["epoch"]! < epochs && (int)state["epoch"]! + (int)state["batch"]! > 0;
    }

    [Fact]
    public void Training_killed_at_random_moments_and_resumed_gives_the_same_bytes()
    {
        int kills = int.TryParse(Environment.GetEnvironmentVariable("UNROLL_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? asked : 6;
        const int epochs = 60;
        long start = Stopwatch.GetTimestamp();
        ProcessOutcome whole = ProcessRunner.Unroll(Train("whole", epochs, resume: false));
        Assert.Equal(0, whole.ExitCode);
        // Both trainings take part: the second one's checkpoint is there.
        Assert.True(File.Exists(_folder["whole", "checkpoint.safetensors.all"]), whole.Output);
        TimeSpan duration = Stopwatch.GetElapsedTime(start);

        var random = new Random(20); // which moments, not which numbers
        double reach = 0.9;
        for (int done = 0, attempt = 0; done < kills; attempt++)
        {
            Assert.True(attempt < 10 * kills, "The training ended before it could be killed, again and again.");
            string folder = string.Create(CultureInfo.InvariantCulture, $"killed-{attempt}");
            // Two kills a run: the second in what the first left to do.
            int killed = 0;
            for (int part = 0; part < 2 && done < kills; part++)
            {
                using Process process = ProcessRunner.Start(null, null, Train(folder, epochs, resume: part > 0));
                Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
                if (process.WaitForExit(duration * (random.NextDouble() * reach / (part + 1)))) break;
                process.Kill(); // SIGKILL
                process.WaitForExit();
                (killed, done) = (killed + 1, done + 1);
            }
            if (killed == 0) reach *= 0.8; // this machine has become faster since the first run
            bool begun = IsWithin(_folder[folder, "checkpoint.safetensors"], epochs);
            ProcessOutcome rest = ProcessRunner.Unroll(Train(folder, epochs, resume: true));
            Assert.True(rest.ExitCode == 0, rest.Error);
            // It went on, and did not only begin anew, which would give the same bytes.
            if (begun) Assert.True(FirstProgress(rest.Error) > FirstProgress(whole.Error), rest.Error);
            Assert.Equal(Bytes("whole", "model.safetensors"), Bytes(folder, "model.safetensors"));
            Assert.Equal(Bytes("whole", "metrics.jsonl"), Bytes(folder, "metrics.jsonl"));
            Assert.Equal(Bytes("whole", "report.html"), Bytes(folder, "report.html"));
            Assert.Equal(whole.Output.Replace(_folder["whole"], "", StringComparison.Ordinal), rest.Output.Replace(_folder[folder], "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Ctrl_c_keeps_the_checkpoint_and_says_how_to_go_on()
    {
        string checkpoint = _folder["run", "checkpoint.safetensors"], metrics = _folder["run", "metrics.jsonl"];
        int Epochs() => File.Exists(metrics) ? File.ReadAllLines(metrics).Length : 0;
        int before = 0;
        foreach (bool resume in new[] { false, true })
        {
            using Process process = ProcessRunner.Start(null, null, Train("run", 1_000_000, resume));
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            long start = Stopwatch.GetTimestamp();
            int wanted = before + 3;
            while ((Epochs() < wanted || !File.Exists(checkpoint)) && !process.HasExited && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2)) await Task.Delay(20);
            using (Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) await interrupt.WaitForExitAsync();
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "The training went on after Ctrl-C.");
            Assert.Equal((1, ""), (process.ExitCode, await output));
            Assert.True(FirstProgress(await error) >= before, await error);
            Assert.EndsWith($"error: stopped; the checkpoint {checkpoint} was kept. Run the same command with --resume to go on.\n", (await error).ReplaceLineEndings("\n"), StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["run", "model.safetensors"]));
            // The epochs are numbered through, so the second run went on behind the first.
            Assert.Equal(Enumerable.Range(1, Epochs()), File.ReadAllLines(metrics).Select(line => (int)JsonNode.Parse(line)!["epoch"]!));
            Assert.True(Epochs() >= wanted);
            before = Epochs();
        }
    }
}
