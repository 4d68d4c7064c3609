namespace Unroll.Data;

/// <summary>
/// Windows over parts of one or many series: L rows of input, then H rows of target. A window belongs to a part when
/// all its targets lie inside; its inputs may reach back into earlier rows, but nothing at or behind the part's end is
/// read. So no value at or behind the training boundary can change a training window. Does not change.
/// </summary>
/// <remarks>
/// Axes: B windows of the batch, L input rows, H target rows, F = 1 + the covariates (the target first, then the
/// covariates in their order), K the covariates known in future.
/// </remarks>
public sealed class WindowSet
{
    private readonly WindowPart[] _parts;
    private readonly int[] _firstWindow; // of each part, and behind the last the number of all

    /// <summary>Windows over parts of series; parts too short for one window add none.</summary>
    /// <param name="options">Lengths and stride.</param>
    /// <param name="parts">At least one part; all series have the same covariates.</param>
    /// <exception cref="ArgumentException">
    /// No part; a part outside its series; series of different covariates; or no window at all, and the message says
    /// how many rows one needs.
    /// </exception>
    public WindowSet(WindowOptions options, IReadOnlyList<WindowPart> parts)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parts);
        options.Check();
        if (parts.Count == 0) throw new ArgumentException("Windows: there is no series to cut windows from.", nameof(parts));
        Options = options;
        _parts = [.. parts];
        _firstWindow = new int[_parts.Length + 1];
        TimeSeries first = _parts[0].Series;
        for (int p = 0; p < _parts.Length; p++)
        {
            (TimeSeries series, int start, int end) = _parts[p];
            if (start < 0 || end < start || end > series.Count)
                throw new ArgumentException($"Windows: series '{series.Name}' has {series.Count} rows; targets in rows {start} to {end} were asked for.", nameof(parts));
            RequireSameCovariates(first, series);
            long span = (long)end - FirstOrigin(_parts[p]) - options.Horizon;
            _firstWindow[p + 1] = _firstWindow[p] + (span < 0 ? 0 : (int)(span / options.Stride) + 1);
        }
        if (Count == 0)
        {
            WindowPart longest = _parts.MaxBy(part => part.TargetEnd);
            throw new ArgumentException(
                $"Windows: none fits into series '{longest.Series.Name}': {options.InputLength} input rows and {options.Horizon} target rows were asked for, "
                + $"targets in rows {longest.TargetStart} to {longest.TargetEnd} of {longest.Series.Count}. "
                + "Give a longer series, or choose a shorter input length or horizon.", nameof(parts));
        }
        Features = 1 + first.Covariates.Count;
        FutureFeatures = first.KnownInFuture;
    }

    /// <summary>Windows over one part of a split series.</summary>
    /// <exception cref="ArgumentException">As the constructor's.</exception>
    public WindowSet(WindowOptions options, TimeSeries series, ChronologicalSplit split, SplitPart part)
        : this(options, [new WindowPart(series, split.Range(part).Start, split.Range(part).End)])
    {
    }

    /// <summary>Lengths and stride.</summary>
    public WindowOptions Options { get; }

    /// <summary>The parts, in their order.</summary>
    public IReadOnlyList<WindowPart> Parts => _parts;

    /// <summary>The number of windows, at least 1.</summary>
    public int Count => _firstWindow[^1];

    /// <summary>F, the numbers of an input row: the target and its covariates.</summary>
    public int Features { get; }

    /// <summary>K, the covariates whose values in the target's rows are known.</summary>
    public int FutureFeatures { get; }

    /// <summary>The windows of a set and those of another one, in this order.</summary>
    /// <exception cref="ArgumentException">Other options or other covariates.</exception>
    public WindowSet Concat(WindowSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Options != Options) throw new ArgumentException("Windows: sets of different lengths or strides cannot be joined.", nameof(other));
        return new WindowSet(Options, [.. _parts, .. other._parts]);
    }

    /// <summary>A window's series and origin: the inputs are rows [Origin − L, Origin), the targets [Origin, Origin + H).</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index outside [0, Count).</exception>
    public (TimeSeries Series, int Origin) Locate(int index)
    {
        int part = PartOf(index);
        return (_parts[part].Series, FirstOrigin(_parts[part]) + (index - _firstWindow[part]) * Options.Stride);
    }

    /// <summary>The index of a window's part.</summary>
    internal int PartOf(int index)
    {
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), $"Windows: there are {Count}; window {index} was asked for.");
        int part = Array.BinarySearch(_firstWindow, index);
        if (part < 0) part = ~part - 1;
        while (_firstWindow[part + 1] == index) part++; // parts without windows share their neighbour's start
        return part;
    }

    /// <summary>Copies windows into a batch.</summary>
    /// <param name="indices">B windows, each in [0, Count).</param>
    /// <param name="inputs">Receives [B, L, F].</param>
    /// <param name="targets">Receives [B, H]; may be empty where the targets are not wanted.</param>
    /// <exception cref="ArgumentException">A span of another length, or an index out of range.</exception>
    public void Fill(ReadOnlySpan<int> indices, Span<float> inputs, Span<float> targets)
    {
        (int length, int horizon) = (Options.InputLength, Options.Horizon);
        RequireLength(inputs.Length, (long)indices.Length * length * Features, $"[{indices.Length}, {length}, {Features}]", nameof(inputs));
        if (!targets.IsEmpty) RequireLength(targets.Length, (long)indices.Length * horizon, $"[{indices.Length}, {horizon}]", nameof(targets));
        for (int b = 0; b < indices.Length; b++)
        {
            (TimeSeries series, int origin) = Locate(indices[b]);
            FillInput(series, origin, length, inputs.Slice(b * length * Features, length * Features));
            if (!targets.IsEmpty) series.Values.Slice(origin, horizon).CopyTo(targets[(b * horizon)..]);
        }
    }

    /// <summary>Copies the covariates known in future, at the target's rows, into a batch.</summary>
    /// <param name="indices">B windows, each in [0, Count).</param>
    /// <param name="future">Receives [B, H, K].</param>
    /// <exception cref="ArgumentException">A span of another length, or an index out of range.</exception>
    public void FillFuture(ReadOnlySpan<int> indices, Span<float> future)
    {
        int horizon = Options.Horizon, size = horizon * FutureFeatures;
        RequireLength(future.Length, (long)indices.Length * size, $"[{indices.Length}, {horizon}, {FutureFeatures}]", nameof(future));
        for (int b = 0; b < indices.Length; b++)
        {
            (TimeSeries series, int origin) = Locate(indices[b]);
            FillFuture(series, origin, horizon, future.Slice(b * size, size));
        }
    }

    /// <summary>Writes the input [L, F] of a forecast whose first target row is <paramref name="origin"/>.</summary>
    internal static void FillInput(TimeSeries series, int origin, int length, Span<float> input)
    {
        int features = 1 + series.Covariates.Count;
        Scatter(series.Values.Slice(origin - length, length), input, 0, features);
        for (int c = 1; c < features; c++)
            Scatter(series.Covariates[c - 1].Values.Slice(origin - length, length), input, c, features);
    }

    /// <summary>Writes the known covariates [H, K] of a forecast's rows.</summary>
    internal static void FillFuture(TimeSeries series, int origin, int horizon, Span<float> future)
    {
        int known = series.KnownInFuture, column = 0;
        foreach (Covariate covariate in series.Covariates)
            if (covariate.KnownInFuture) Scatter(covariate.Values.Slice(origin, horizon), future, column++, known);
    }

    private static void Scatter(ReadOnlySpan<float> column, Span<float> rows, int offset, int width)
    {
        for (int i = 0; i < column.Length; i++) rows[i * width + offset] = column[i];
    }

    private int FirstOrigin(WindowPart part) => Math.Max(Options.InputLength, part.TargetStart);

    private static void RequireLength(int found, long expected, string shape, string name)
    {
        if (found != expected) throw new ArgumentException($"Windows: expected {name} of {shape}, {expected} numbers, received {found}.", name);
    }

    private static void RequireSameCovariates(TimeSeries first, TimeSeries other)
    {
        bool same = first.Covariates.Count == other.Covariates.Count;
        for (int c = 0; same && c < first.Covariates.Count; c++)
        {
            same = first.Covariates[c].Name == other.Covariates[c].Name
                && first.Covariates[c].KnownInFuture == other.Covariates[c].KnownInFuture;
        }
        if (!same)
            throw new ArgumentException($"Windows: series '{other.Name}' has other covariates than series '{first.Name}'; all series need the same columns in the same order.");
    }
}
