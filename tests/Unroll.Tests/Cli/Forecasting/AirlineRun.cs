using System.Globalization;
using Unroll.Cli.Demo;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Forecasting;

/// <summary>One run of the built command line on the airline passengers, which several tests look at.</summary>
public sealed class AirlineRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AirlineRun()
    {
        File.WriteAllText(Csv, "month,passengers\n" + string.Concat(AirlinePassengers.Values.Zip(AirlinePassengers.Dates(),
            (value, date) => string.Create(CultureInfo.InvariantCulture, $"{date:yyyy-MM},{value}\n"))));
        Outcome = ProcessRunner.Unroll("train", "forecast", Csv, "--target", "passengers", "--horizon", "6", "--test", "24",
            "--cell", "gru", "--units", "8", "--epochs", "3", "--seed", "5", "--out", Folder);
    }

    internal ProcessOutcome Outcome { get; }

    public string Csv => _folder["airline.csv"];

    public string Folder => _folder["run"];

    public string Model => _folder["run", "model.safetensors"];

    public string Root => _folder.Path;

    public void Dispose() => _folder.Dispose();
}
