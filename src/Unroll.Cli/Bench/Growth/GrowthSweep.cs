namespace Unroll.Cli.Bench.Growth;

/// <summary>One size that grows while the others stay: an LSTM whose inputs are as many as its units.</summary>
/// <param name="Name">What grows: "steps".</param>
/// <param name="Fixed">The sizes that stay, in words.</param>
/// <param name="Shapes">The models, smallest first.</param>
/// <param name="Size">A model's size along the sweep.</param>
internal sealed record GrowthSweep(string Name, string Fixed, IReadOnlyList<BenchShape> Shapes, Func<BenchShape, int> Size)
{
    /// <summary>Steps from 100 to 100,000, units from 16 to 2,048, rows from 1 to 512.</summary>
    public static IReadOnlyList<GrowthSweep> All { get; } =
    [
        new("steps", "4 rows, 32 units", [.. Sizes(100, 300, 1_000, 3_000, 10_000, 30_000, 100_000).Select(steps => Lstm(4, steps, 32))], shape => shape.Steps),
        new("units", "32 rows, 20 steps", [.. Sizes(16, 32, 64, 128, 256, 512, 1_024, 2_048).Select(units => Lstm(32, 20, units))], shape => shape.Units),
        new("batch", "50 steps, 128 units", [.. Sizes(1, 2, 4, 8, 16, 32, 64, 128, 256, 512).Select(rows => Lstm(rows, 50, 128))], shape => shape.Batch),
    ];

    private static int[] Sizes(params int[] sizes) => sizes;

    private static BenchShape Lstm(int batch, int steps, int units) =>
        new($"{batch} x {steps} x {units}", "lstm", batch, steps, units, units, 1, Bidirectional: false, Ragged: false);
}
