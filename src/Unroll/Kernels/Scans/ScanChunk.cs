using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Scans;

/// <summary>
/// Walks over time in chunks of <see cref="Length"/> steps, by each sequence's own numbers of steps, whatever else is in the batch. A
/// chunk of a sequence has a place of its own for what is kept of it: chunk after chunk, sorted row after row.
/// </summary>
internal struct ScanChunk
{
    /// <summary>Steps of a chunk, but for a sequence's last one: results depend on it.</summary>
    public const int Length = 64;

    private readonly SequenceLayout _sequence;
    private readonly int _direction;

    /// <summary>Before the first chunk, or where time is walked down, after the last.</summary>
    public ScanChunk(SequenceLayout sequence, bool descends)
    {
        _sequence = sequence;
        _direction = descends ? -1 : 1;
        Number = descends ? Count(sequence) : -1;
        Place = descends ? Places(sequence) : 0;
    }

    /// <summary>Which chunk, from the first step on.</summary>
    public int Number { get; private set; }

    /// <summary>How many sequences have steps in it.</summary>
    public int Rows { get; private set; }

    /// <summary>The place of its first row.</summary>
    public int Place { get; private set; }

    public readonly int FirstStep => Number * Length;

    public readonly int EndStep => Math.Min(FirstStep + Length, _sequence.Steps);

    /// <summary>How many chunks of sequences a batch has.</summary>
    public static int Places(SequenceLayout sequence)
    {
        int places = 0;
        for (int chunk = Count(sequence) - 1; chunk >= 0; chunk--) places += sequence.RowsAt(chunk * Length);
        return places;
    }

    /// <summary>Goes on to the next chunk; false where there is none.</summary>
    public bool Next()
    {
        if (_direction > 0) Place += Rows;
        Number += _direction;
        if (Number < 0 || Number >= Count(_sequence)) return false;
        Rows = _sequence.RowsAt(FirstStep);
        if (_direction < 0) Place -= Rows;
        return true;
    }

    /// <summary>The rows whose places are among those given.</summary>
    public readonly (int First, int End) RowsOf(int firstPlace, int endPlace) => (Math.Clamp(firstPlace - Place, 0, Rows), Math.Clamp(endPlace - Place, 0, Rows));

    private static int Count(SequenceLayout sequence) => (sequence.Steps + Length - 1) / Length;
}
