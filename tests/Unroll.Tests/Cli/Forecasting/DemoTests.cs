using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Forecasting;

public class DemoTests
{
    [Fact]
    public void The_demonstration_beats_the_naive_forecasts_and_writes_both_run_folders()
    {
        using var folder = new TemporaryFolder();
        ProcessOutcome outcome = ProcessRunner.Unroll("demo", "--out", folder["demo"]);
        Assert.Equal(0, outcome.ExitCode);
        double[] Errors(string name) => [.. outcome.Output.Split('\n').Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => double.Parse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture))];
        double[] network = Errors("network"), naive = Errors("naive"), seasonal = [.. Errors("seasonal naive (12)"), .. Errors("seasonal naive (24)")];
        Assert.Equal((2, 2, 2), (network.Length, naive.Length, seasonal.Length));
        // The figures of the naive forecasts are computed from the data alone: 2 % between these bounds.
        Assert.InRange(naive[0], 94, 96);
        Assert.InRange(seasonal[0], 43.5, 45);
        for (int i = 0; i < 2; i++) Assert.True(network[i] < 0.8 * seasonal[i] && network[i] < 0.8 * naive[i]);
        foreach (string run in new[] { "airline", "generated" })
        {
            foreach (string file in new[] { "data.csv", "model.safetensors", "configuration.json", "metrics.jsonl", "report.html" })
                Assert.True(File.Exists(folder["demo", run, file]), file);
        }
        Assert.Equal(145, File.ReadAllLines(folder["demo", "airline", "data.csv"]).Length);
        Assert.Contains("●", outcome.Output, StringComparison.Ordinal);
    }
}
