using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>What the threads of a sweep divide among them.</summary>
internal enum SweepDivisionKind
{
    /// <summary>Each keeps some sequences for all steps and waits for nobody.</summary>
    Rows,

    /// <summary>Each computes some units of every sequence and waits for the others after each step.</summary>
    Units,
}

/// <summary>
/// Chooses how a sweep is divided (KERNELS.md 8) by the estimated time of a step: the arithmetic at the tiles' speed, or the
/// reading of the weights where they do not fit a thread's own cache, plus the barriers. By rows every thread reads all
/// weights for few sequences; by units each reads its own share, but waits at every step.
/// </summary>
/// <param name="Kind">What is divided.</param>
/// <param name="Parts">Among how many threads.</param>
internal readonly record struct SweepDivision(SweepDivisionKind Kind, int Parts)
{
    /// <summary>What the environment variable UNROLL_DIVISION (<c>rows</c> or <c>units</c>) names, or a test; null for the estimate.</summary>
    public static SweepDivisionKind? Forced { get; set; } = Choose(Environment.GetEnvironmentVariable("UNROLL_DIVISION"));

    /// <summary>The kind for a value of UNROLL_DIVISION; null for null or an empty value.</summary>
    /// <exception cref="ArgumentException">Another word.</exception>
    public static SweepDivisionKind? Choose(string? wanted) => wanted?.Trim().ToUpperInvariant() switch
    {
        null or "" => null,
        "ROWS" => SweepDivisionKind.Rows,
        "UNITS" => SweepDivisionKind.Units,
        _ => throw new ArgumentException($"UNROLL_DIVISION is '{wanted}'; expected rows or units."),
    };

    /// <summary>The division of a sweep over all steps.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="product">The layout of its largest product.</param>
    /// <param name="barriers">How often a step waits when the units are divided.</param>
    public static SweepDivision For(in SweepArguments sweep, PanelLayout product, int barriers)
    {
        int steps = sweep.Sequence.Steps, batch = sweep.Sequence.Batch;
        if (Threads.Count == 1 || sweep.Sequence.Rows == 0) return new SweepDivision(SweepDivisionKind.Rows, 1);
        double rows = (double)sweep.Sequence.Rows / steps;
        int most = TeamParts.For(2.0 * product.Rows * product.StoredColumns * rows * steps);
        int byRows = Math.Min(most, batch), byUnits = Math.Min(most, sweep.BlockCount);
        if (Forced is { } kind) return new SweepDivision(kind, kind == SweepDivisionKind.Rows ? byRows : byUnits);
        if (most == 1) return new SweepDivision(SweepDivisionKind.Rows, 1);

        double alone = StepNanoseconds(in sweep, product, rows, 1, 0), ofRows = StepNanoseconds(in sweep, product, rows / byRows, 1, 0);
        double share = Math.Ceiling((double)sweep.BlockCount / byUnits) / sweep.BlockCount;
        double ofUnits = StepNanoseconds(in sweep, product, rows, share, byUnits > 1 ? barriers : 0);
        if (alone <= Math.Min(ofRows, ofUnits)) return new SweepDivision(SweepDivisionKind.Rows, 1);
        return ofRows <= ofUnits ? new SweepDivision(SweepDivisionKind.Rows, byRows) : new SweepDivision(SweepDivisionKind.Units, byUnits);
    }

    /// <summary>
    /// Weights beyond this do not stay in a shared cache beside the input's, the states and the gates: they come from memory at every step,
    /// and the reading no longer hides behind the arithmetic.
    /// </summary>
    private const long LargeBytes = 8 << 20;

    /// <summary>The estimated time of one thread's share of a step: some rows, a share of the units.</summary>
    private static double StepNanoseconds(in SweepArguments sweep, PanelLayout product, double rows, double share, int barriers)
    {
        TeamCosts costs = TeamCosts.Current;
        double weights = share * product.Rows * product.StoredColumns;
        double arithmetic = 2 * weights * rows / (costs.OperationsPerNanosecond * SpeedOf(rows));
        double bytes = weights * sizeof(float);
        double reading = bytes <= TeamCosts.PrivateBytes ? 0 : bytes / costs.SharedBytesPerNanosecond;
        // Where the units are divided, most of the states that a thread reads were written by another.
        if (barriers > 0) reading += (1 - share) * rows * sweep.Units * sizeof(float) / costs.SharedBytesPerNanosecond;
        bool isLarge = bytes > share * LargeBytes;
        return (isLarge ? arithmetic + reading : Math.Max(arithmetic, reading)) + barriers * costs.BarrierNanoseconds;
    }

    /// <summary>A tile's speed by its rows, as a share of a full tile's: with fewer rows each weight that is read is used less often.</summary>
    private static double SpeedOf(double rows)
    {
        double tile = rows / Math.Ceiling(rows / ProductTile.MaximumRows);
        return tile >= 4 ? 1 : tile >= 2 ? 0.8 : 0.5;
    }

    /// <summary>The first row of a part: parts have equal numbers of steps, not of rows. Rows are sorted, longest first.</summary>
    public static int Boundary(SequenceLayout sequence, int part, int parts)
    {
        int batch = sequence.Batch;
        if (part == 0) return 0;
        if (part == parts) return batch;
        if (sequence.IsFull) return (int)((long)batch * part / parts);
        long wanted = (long)sequence.Rows * part / parts, before = 0;
        ReadOnlySpan<int> lengths = sequence.Lengths, order = sequence.Order;
        for (int row = 0; row < batch; row++)
        {
            if (before >= wanted) return row;
            before += lengths[order[row]];
        }
        return batch;
    }
}
