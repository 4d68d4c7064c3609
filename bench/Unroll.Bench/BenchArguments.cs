using System.Globalization;

namespace Unroll.Bench;

/// <summary>What every command takes.</summary>
internal sealed record BenchArguments(string Data, string? Only, int Seeds)
{
    public static BenchArguments Parse(ReadOnlySpan<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i + 1 < args.Length; i += 2) values[args[i]] = args[i + 1];
        return new BenchArguments(
            values.GetValueOrDefault("--data", "../shared/data"),
            values.GetValueOrDefault("--only"),
            int.Parse(values.GetValueOrDefault("--seeds", "5"), CultureInfo.InvariantCulture));
    }

    public bool Wants(string name) => Only is null || Only == name;
}
