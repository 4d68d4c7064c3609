namespace Unroll.Kernels.Layouts;

/// <summary>
/// How the real steps of a batch of sequences lie in memory: rows sorted by descending length (stable), packed by
/// time. Step t owns <see cref="RowsAt"/>(t) contiguous rows from <see cref="Offset"/>(t); the rows of padding do not
/// exist, so no operation spends arithmetic on them (KERNELS.md 9). Steps that a mask leaves out do not exist either: the
/// others move together, and <see cref="PlaceOf"/> says where they stood.
/// </summary>
/// <remarks>B = <see cref="Batch"/>, T = <see cref="Steps"/>, N = <see cref="Rows"/> = the sum of the lengths.</remarks>
internal sealed class SequenceLayout
{
    private int[] _lengths = [];
    private int[] _order = [];
    private int[] _starts = [];
    private int[] _offsets = [0];
    private int[] _places = []; // of each packed row on the time axis, where steps were masked
    private int[] _spans = [];

    /// <summary>B: how many sequences.</summary>
    public int Batch { get; private set; }

    /// <summary>T: the time axis's length; every length is at most T.</summary>
    public int Steps { get; private set; }

    /// <summary>N: how many real steps there are in all.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether every sequence has all T steps.</summary>
    public bool IsFull => (long)Batch * Steps == Rows;

    /// <summary>The real length of each sequence, in the batch's order.</summary>
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Batch);

    /// <summary>The batch index of the sequence at each sorted position.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, Batch);

    /// <summary>How many sequences have a step t; it never grows with t.</summary>
    public int RowsAt(int step) => _offsets[step + 1] - _offsets[step];

    /// <summary>The packed row where step t begins; <c>Offset(Steps)</c> is N.</summary>
    public int Offset(int step) => _offsets[step];

    /// <summary>How many steps have about that many rows, at least one: the length of the chunks into which time is cut.</summary>
    public int StepsOf(int rows) => Rows == 0 ? Math.Max(Steps, 1) : (int)Math.Clamp((long)rows * Steps / Rows, 1, Steps);

    /// <summary>The length of the longest sequence: the steps that have rows.</summary>
    public int Longest
    {
        get
        {
            int longest = 0;
            while (longest < Steps && RowsAt(longest) > 0) longest++;
            return longest;
        }
    }

    /// <summary>Whether a mask left out steps, so that a row may stand later than its step.</summary>
    public bool HasGaps { get; private set; }

    /// <summary>With gaps: the length of each sequence with the steps that were left out.</summary>
    public ReadOnlySpan<int> Spans => _spans.AsSpan(0, Batch);

    /// <summary>Where on the time axis the row stands that is the sorted sequence <paramref name="r"/>'s real step number <paramref name="step"/>.</summary>
    public int PlaceOf(int step, int r) => HasGaps ? _places[_offsets[step] + r] : step;

    /// <summary>Lays out a batch; memory is kept from the last use where it suffices.</summary>
    /// <exception cref="ArgumentException">A length below 0 or above <paramref name="steps"/>.</exception>
    public void Set(ReadOnlySpan<int> lengths, int steps)
    {
        HasGaps = false;
        for (int b = 0; b < lengths.Length; b++)
            if ((uint)lengths[b] > (uint)steps)
                throw new ArgumentException($"Sequence {b} has length {lengths[b]}; the time axis has {steps} steps, so expected 0 to {steps}.", nameof(lengths));
        Reserve(lengths.Length, steps);
        lengths.CopyTo(_lengths);

        // Counting sort, longest first: starts[n] becomes the first sorted position of the rows of length n.
        Span<int> starts = _starts.AsSpan(0, steps + 1);
        starts.Clear();
        foreach (int length in lengths) starts[length]++;
        int position = 0;
        for (int n = steps; n >= 0; n--)
        {
            int count = starts[n];
            starts[n] = position;
            position += count;
        }
        _offsets[0] = 0;
        for (int t = 0; t < steps; t++)
            _offsets[t + 1] = checked(_offsets[t] + starts[t]); // starts[t] rows are longer than t
        for (int b = 0; b < lengths.Length; b++) _order[starts[lengths[b]]++] = b;
        Rows = _offsets[steps];
    }

    /// <summary>Lays out the steps of a batch that are marked, in their order.</summary>
    /// <param name="spans">The length of each sequence with its masked steps.</param>
    /// <param name="steps">T.</param>
    /// <param name="isReal">[B, T], false past a sequence's span.</param>
    public void SetMarked(ReadOnlySpan<int> spans, int steps, ReadOnlySpan<bool> isReal)
    {
        int batch = spans.Length;
        if (_spans.Length < batch) _spans = new int[batch];
        spans.CopyTo(_spans);
        Reserve(batch, steps);
        for (int b = 0; b < batch; b++) _lengths[b] = isReal.Slice(b * steps, steps).Count(true);
        Set(_lengths.AsSpan(0, batch), steps);
        if (_places.Length < Rows) _places = new int[Rows];
        for (int r = 0; r < batch; r++)
            for (int t = 0, step = 0; t < steps; t++)
                if (isReal[_order[r] * steps + t]) _places[_offsets[step++] + r] = t;
        HasGaps = true;
    }

    /// <summary>Lays out a batch in which every sequence has all its steps.</summary>
    public void SetFull(int batch, int steps)
    {
        HasGaps = false;
        Reserve(batch, steps);
        for (int b = 0; b < batch; b++)
        {
            _lengths[b] = steps;
            _order[b] = b;
        }
        for (int t = 0; t <= steps; t++) _offsets[t] = checked(t * batch);
        Rows = _offsets[steps];
    }

    /// <summary>Lays out one step of a batch: the sequences that have it, in the whole's order, with a time axis of that step alone.</summary>
    public void SetStep(SequenceLayout whole, int step)
    {
        HasGaps = false;
        Reserve(whole.Batch, 1);
        whole.Order.CopyTo(_order);
        Rows = whole.RowsAt(step);
        for (int r = 0; r < whole.Batch; r++) _lengths[_order[r]] = r < Rows ? 1 : 0;
        _offsets[0] = 0;
        _offsets[1] = Rows;
    }

    /// <summary>Whether two layouts put the same steps in the same rows.</summary>
    public bool SameAs(SequenceLayout other) =>
        ReferenceEquals(this, other) || (Steps == other.Steps && Lengths.SequenceEqual(other.Lengths) && HasSamePlaces(other));

    private bool HasSamePlaces(SequenceLayout other)
    {
        if (!HasGaps && !other.HasGaps) return true;
        for (int t = 0; t < Steps; t++)
            for (int r = 0, rows = RowsAt(t); r < rows; r++)
                if (PlaceOf(t, r) != other.PlaceOf(t, r)) return false;
        return true;
    }

    private void Reserve(int batch, int steps)
    {
        if (_lengths.Length < batch)
        {
            _lengths = new int[batch];
            _order = new int[batch];
        }
        if (_offsets.Length < steps + 1) _offsets = new int[steps + 1];
        if (_starts.Length < steps + 1) _starts = new int[steps + 1];
        Batch = batch;
        Steps = steps;
    }
}
