using System.Globalization;

namespace Unroll.Bench;

/// <summary>What every command takes.</summary>
internal sealed record BenchArguments(string Data, string? Only, int First, int Seeds, string? Runs, string? Pictures)
{
    public static BenchArguments Parse(ReadOnlySpan<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i + 1 < args.Length; i += 2) values[args[i]] = args[i + 1];
        return new BenchArguments(
            values.GetValueOrDefault("--data", "../shared/data"),
            values.GetValueOrDefault("--only"),
            int.Parse(values.GetValueOrDefault("--first", "1"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--seeds", "5"), CultureInfo.InvariantCulture),
            values.GetValueOrDefault("--runs"),
            values.GetValueOrDefault("--pictures"));
    }

    /// <summary>The seeds asked for: 1 to 5 by default.</summary>
    public IEnumerable<int> SeedNumbers => Enumerable.Range(First, Seeds);

    /// <summary>Where a long training keeps its checkpoint, to go on from there when it is started again; null without a folder for them.</summary>
    public Training.CheckpointOptions? Checkpoint(string run)
    {
        if (Runs is null) return null;
        Directory.CreateDirectory(Runs);
        return new Training.CheckpointOptions(Path.Combine(Runs, run + ".safetensors")) { Every = TimeSpan.FromMinutes(2) };
    }

    public bool Wants(string name) => Only is null || Only == name;
}
