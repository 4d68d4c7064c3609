using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A batch cut where flags say that something new begins: every episode becomes a sequence of its own, so that a loop over time
/// needs to know nothing of it. B sequences, N rows in all, E episodes; a sequence without steps is an episode without steps.
/// </summary>
internal readonly unsafe struct Episodes
{
    private readonly Shape _shape;
    private readonly SequenceLayout _whole;
    private readonly int* _places;      // [N]: the cut row of each row of the whole
    private readonly int* _givenRows;   // [E]: the sequence whose initial state an episode begins with; B for the state of a fresh start
    private readonly int* _finalRows;   // [B]: the episode with whose state a sequence ends

    /// <summary>Cuts a batch.</summary>
    /// <param name="tape">Where results are made.</param>
    /// <param name="title">Whose error it is.</param>
    /// <param name="input">[B, T, I], packed by time.</param>
    /// <param name="resets">[B, T]: not zero where an episode begins.</param>
    /// <param name="reverse">Whether sequences are read from their ends: then the last episode begins with the given state.</param>
    public Episodes(Tape tape, string title, Tensor input, Tensor resets, bool reverse)
    {
        (_shape, _whole) = (input.Shape, input.Layout!);
        var expected = new Shape(_whole.Batch, _whole.Steps);
        if (resets.Shape != expected || (resets.Layout is { } own && !own.SameAs(_whole)))
            throw new ArgumentException($"{title}: expected flags {expected}, [batch, time], of the input's lengths, received {resets.Shape}{(resets.Layout is null ? "" : " of other lengths")}.", nameof(resets));
        int batch = _whole.Batch, most = batch + _whole.Rows;
        int* lengths = (int*)tape.Scratch(most), starts = (int*)tape.Scratch(most), sources = (int*)tape.Scratch(_whole.Rows);
        _places = (int*)tape.Scratch(_whole.Rows);
        _givenRows = (int*)tape.Scratch(most);
        _finalRows = (int*)tape.Scratch(batch);

        float* flags = tape.Read(resets);
        int count = 0, longest = 0;
        for (int r = 0; r < batch; r++)
        {
            int b = _whole.Order[r], first = count;
            bool isFresh = false;
            Begin(0);
            for (int t = 0; t < _whole.Lengths[b]; t++)
            {
                int row = _whole.Offset(t) + r;
                bool begins = flags[resets.Layout is null ? (nint)b * _whole.Steps + t : row] != 0;
                if (t == 0) isFresh = begins;
                else if (begins) Begin(t);
                _places[row] = count - 1; // the episode, for now
                longest = Math.Max(longest, ++lengths[count - 1]);
            }
            for (int e = first; e < count; e++) _givenRows[e] = batch;
            if (reverse || !isFresh) _givenRows[reverse ? count - 1 : first] = b;
            _finalRows[b] = reverse ? first : count - 1;
        }
        Count = count;
        SequenceLayout cut = tape.NewLayout();
        cut.Set(new ReadOnlySpan<int>(lengths, count), longest);
        int* positions = (int*)tape.Scratch(count);
        for (int r = 0; r < count; r++) positions[cut.Order[r]] = r;
        for (int t = 0; t < _whole.Steps; t++)
            for (int row = _whole.Offset(t); row < _whole.Offset(t + 1); row++)
            {
                int episode = _places[row];
                _places[row] = cut.Offset(t - starts[episode]) + positions[episode];
                sources[_places[row]] = row;
            }
        Input = SelectRowsOp.Of(tape, input, sources, new Shape(count, longest, input.Features), cut);

        void Begin(int step) => (starts[count], lengths[count++]) = (step, 0);
    }

    /// <summary>E.</summary>
    public int Count { get; }

    /// <summary>[E, longest, I], packed by time.</summary>
    public Tensor Input { get; }

    /// <summary>The states [E, H] before the episodes: the sequences' own where they go on, the fresh one elsewhere.</summary>
    /// <param name="tape">Where the result is made.</param>
    /// <param name="given">[B, H].</param>
    /// <param name="fresh">[1, H].</param>
    public Tensor Initial(Tape tape, Tensor given, Tensor fresh) =>
        SelectRowsOp.Of(tape, StackRowsOp.Of(tape, [given, fresh], new Shape(given.Shape[0] + 1, given.Features)), _givenRows, Count);

    /// <summary>[B, H] from the episodes' final states [E, H]: each sequence's last one read.</summary>
    public Tensor Final(Tape tape, Tensor states) => SelectRowsOp.Of(tape, states, _finalRows, _whole.Batch);

    /// <summary>[B, T, H] from the episodes' [E, longest, H].</summary>
    public Tensor Join(Tape tape, Tensor sequence) => SelectRowsOp.Of(tape, sequence, _places, _shape.With(2, sequence.Features), _whole);
}
