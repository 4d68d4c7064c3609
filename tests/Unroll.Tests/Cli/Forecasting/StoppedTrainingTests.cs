using System.Diagnostics;
using System.Globalization;
using Unroll.Cli.Demo;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Forecasting;

/// <summary>Training that is stopped by Ctrl-C or killed, and goes on.</summary>
public sealed class StoppedTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Csv { get; }

    public StoppedTrainingTests() => Csv = _folder.Write("hours.csv", "hour,value\n" + string.Concat(GeneratedSeries.Create(600, seed: 3).Zip(GeneratedSeries.Dates(600),
        (value, date) => string.Create(CultureInfo.InvariantCulture, $"{date:yyyy-MM-dd HH:mm},{value}\n"))));

    public void Dispose() => _folder.Dispose();

    private string[] Train(string folder, int epochs, bool resume) =>
    [
        "train", "forecast", Csv, "--target", "value", "--horizon", "4", "--input-length", "24", "--units", "24", "--epochs", epochs.ToString(CultureInfo.InvariantCulture),
        "--patience", "100000", "--checkpoint-every", "2", "--out", _folder[folder], .. resume ? ["--resume"] : Array.Empty<string>(),
    ];

    private byte[] Bytes(string folder, string file) => File.ReadAllBytes(_folder[folder, file]);

    [Fact]
    public void Training_killed_at_random_moments_and_resumed_gives_the_same_bytes()
    {
        int kills = int.TryParse(Environment.GetEnvironmentVariable("UNROLL_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? asked : 6;
        const int epochs = 60;
        long start = Stopwatch.GetTimestamp();
        ProcessOutcome whole = ProcessRunner.Unroll(Train("whole", epochs, resume: false));
        Assert.Equal(0, whole.ExitCode);
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
            ProcessOutcome rest = ProcessRunner.Unroll(Train(folder, epochs, resume: true));
            Assert.True(rest.ExitCode == 0, rest.Error);
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
            Assert.EndsWith($"error: stopped; the checkpoint {checkpoint} was kept. Run the same command with --resume to go on.\n", (await error).ReplaceLineEndings("\n"), StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["run", "model.safetensors"]));
            // The epochs are numbered through, so the second run went on behind the first.
            Assert.Equal(Enumerable.Range(1, Epochs()), File.ReadAllLines(metrics).Select(line => (int)System.Text.Json.Nodes.JsonNode.Parse(line)!["epoch"]!));
            Assert.True(Epochs() >= wanted);
            before = Epochs();
        }
    }
}
