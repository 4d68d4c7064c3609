using System.Globalization;

namespace Unroll.Bench;

/// <summary>What every command takes.</summary>
internal sealed record BenchArguments(string Data, string? Only, int First, int Seeds)
{
    public static BenchArguments Parse(ReadOnlySpan<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i + 1 < args.Length; i += 2) values[args[i]] = args[i + 1];
        return new BenchArguments(
            values.GetValueOrDefault("--data", "../shared/data"),
            values.GetValueOrDefault("--only"),
            int.Parse(values.GetValueOrDefault("--first", "1"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--seeds", "5"), CultureInfo.InvariantCulture));
    }

    /// <summary>The seeds asked for: 1 to 5 by default.</summary>
    public IEnumerable<int> SeedNumbers => Enumerable.Range(First, Seeds);

    public bool Wants(string name) => Only is null || Only == name;
}
