using System.Buffers;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The loop over time around a cell's step. Rows are sorted by length and packed by time, so that step t reads a run of rows
/// where it lies; forward the state loses its last rows as sequences end, backward it gains them.
/// </summary>
internal readonly unsafe ref struct RnnLoop
{
    private readonly Rnn _layer;
    private readonly Tensor _input;
    private readonly Pass _pass;
    private readonly SequenceLayout _layout;
    private readonly Tensor[] _outputs;    // one a step
    private readonly Tensor[] _pieces;     // of each part, the rows of sequences that have ended, in sorted order
    private readonly Span<Tensor> _state;  // sorted rows; the last output is its last part
    private readonly int _longest, _most;

    private RnnLoop(Rnn layer, Tensor input, Span<Tensor> state, Pass pass)
    {
        (_layer, _input, _pass, _layout) = (layer, input, pass, input.Layout!);
        _state = state;
        _longest = _layout.Longest;
        _most = Math.Min(_layout.Batch, _longest) + 1;
        _outputs = ArrayPool<Tensor>.Shared.Rent(_longest);
        _pieces = ArrayPool<Tensor>.Shared.Rent(_most * state.Length);
    }

    private SequenceLayout Layout => _layout;

    private Tape Tape => _pass.Tape;

    /// <summary>Runs the layer over rows packed by time.</summary>
    /// <param name="layer">The cell and the direction.</param>
    /// <param name="input">[B, T, I], packed by time.</param>
    /// <param name="state">Room for a state; its first tensors are the initial state where one is given, and the final one afterwards.</param>
    /// <param name="given">How many tensors are given; 0 for the cell's own initial state.</param>
    /// <param name="pass">Where tensors are made.</param>
    /// <param name="count">How many tensors the state has.</param>
    /// <returns>[B, T, U], or [B, U] without sequences.</returns>
    public static Tensor Run(Rnn layer, Tensor input, Span<Tensor> state, int given, Pass pass, out int count)
    {
        int batch = input.Layout!.Batch;
        var room = default(StateRoom);
        Span<Tensor> parts = room;
        count = layer.Cell.Begin(batch, pass, parts);
        if (given > 0) TakeGiven(layer, state[..given], parts[..count], batch);
        parts[count] = NoOutput(layer, new Shape(batch, layer.Cell.Units), null, pass);
        var loop = new RnnLoop(layer, input, parts[..(count + 1)], pass);
        loop.Sort();
        if (layer.GoBackwards) loop.Backward();
        else loop.Forward();
        Tensor output = layer.ReturnSequences ? loop.Sequences() : loop.InBatchOrder(parts[count]);
        for (int p = 0; p < count; p++) state[p] = loop.InBatchOrder(parts[p]);
        ArrayPool<Tensor>.Shared.Return(loop._outputs, clearArray: true);
        ArrayPool<Tensor>.Shared.Return(loop._pieces, clearArray: true);
        return output;
    }

    /// <summary>The output of sequences without steps: zeros that count as trained, so that a batch of them alone has a backward pass.</summary>
    private static Tensor NoOutput(Rnn layer, Shape shape, SequenceLayout? layout, Pass pass)
    {
        bool isTrained = false;
        for (int p = 0; p < layer.Parameters.Count; p++) isTrained |= layer.Parameters[p].Trainable;
        Tensor zeros = pass.Tape.New(shape, layout, isTrained);
        new Span<float>(pass.Tape.Read(zeros), zeros.StoredLength).Clear();
        return zeros;
    }

    private Tensor Sequences()
    {
        Shape shape = _input.Shape.With(2, _layer.Cell.Units);
        return _longest == 0 ? NoOutput(_layer, shape, Layout, _pass) : StackRowsOp.Of(Tape, _outputs.AsSpan(0, _longest), shape, Layout);
    }

    private static void TakeGiven(Rnn layer, ReadOnlySpan<Tensor> given, Span<Tensor> parts, int batch)
    {
        if (given.Length != parts.Length)
            throw new ArgumentException($"{layer.Title}: expected an initial state of {parts.Length} tensors, received {given.Length}.");
        for (int p = 0; p < parts.Length; p++)
        {
            if (given[p].Shape != parts[p].Shape || given[p].Layout is not null)
                throw new ArgumentException($"{layer.Title}: tensor {p} of the initial state: expected {parts[p].Shape}, [batch, features], received {given[p].Shape}.");
            parts[p] = given[p];
        }
    }

    /// <summary>Brings the state into the order of the packed rows.</summary>
    private void Sort()
    {
        for (int p = 0; p < _state.Length - 1; p++)
            if (_state[p].Shape.Rank != 2 || _state[p].Shape[0] != Layout.Batch)
                throw new InvalidOperationException($"{_layer.Title}: tensor {p} of the initial state: expected [{Layout.Batch}, features], the batch first; its {_layer.Cell.GetType().Name} gave {_state[p].Shape}.");
        if (Layout.IsFull) return;
        int* order = (int*)Tape.Scratch(Layout.Batch);
        Layout.Order.CopyTo(new Span<int>(order, Layout.Batch));
        for (int p = 0; p < _state.Length - 1; p++) _state[p] = SelectRowsOp.Of(Tape, _state[p], order, Layout.Batch);
    }

    private Tensor InBatchOrder(Tensor sorted)
    {
        if (Layout.IsFull) return sorted;
        int* places = (int*)Tape.Scratch(Layout.Batch);
        for (int r = 0; r < Layout.Batch; r++) places[Layout.Order[r]] = r;
        return SelectRowsOp.Of(Tape, sorted, places, Layout.Batch);
    }

    private void Forward()
    {
        int rows = Layout.Batch, first = _most;
        for (int t = 0; t < _longest; t++)
        {
            int now = Layout.RowsAt(t);
            if (now < rows)
            {
                first--;
                for (int p = 0; p < _state.Length; p++)
                {
                    _pieces[p * _most + first] = RowRangeOp.Of(Tape, _state[p], now, rows - now);
                    _state[p] = RowRangeOp.Of(Tape, _state[p], 0, now);
                }
            }
            Step(t, rows = now);
        }
        if (first == _most) return; // all sequences end together
        first--;
        for (int p = 0; p < _state.Length; p++)
        {
            _pieces[p * _most + first] = _state[p];
            _state[p] = StackRowsOp.Of(Tape, _pieces.AsSpan(p * _most + first, _most - first), new Shape(Layout.Batch, _state[p].Features));
        }
    }

    private void Backward()
    {
        var initial = default(StateRoom);
        Span<Tensor> waiting = initial;
        _state.CopyTo(waiting);
        int rows = 0;
        for (int t = _longest - 1; t >= 0; t--)
        {
            Grow(waiting, rows, Layout.RowsAt(t));
            Step(t, rows = Layout.RowsAt(t));
        }
        if (rows < Layout.Batch) Grow(waiting, rows, Layout.Batch);
    }

    /// <summary>
    /// Lets the sequences in that begin at this step, counted from the end of time, with their initial state. Where none begins the
    /// state goes the same way: its gradient is then summed in one order, whatever else the batch holds.
    /// </summary>
    private void Grow(ReadOnlySpan<Tensor> waiting, int rows, int now)
    {
        for (int p = 0; p < _state.Length; p++)
        {
            Tensor begin = RowRangeOp.Of(Tape, waiting[p], rows, now - rows);
            _state[p] = rows == 0 ? begin : StackRowsOp.Of(Tape, [_state[p], begin], new Shape(now, begin.Features));
        }
    }

    private void Step(int t, int rows)
    {
        Span<Tensor> state = _state[..^1];
        var widths = default(StateWidths);
        for (int p = 0; p < state.Length; p++) widths[p] = state[p].Features;
        Tensor output = _layer.Cell.Advance(RowRangeOp.Of(Tape, _input, Layout.Offset(t), rows), state, _pass with { TimeStep = t, Rows = Layout });
        Check("the output", output, rows, _layer.Cell.Units);
        for (int p = 0; p < state.Length; p++) Check("the next state", state[p], rows, widths[p]);
        _outputs[t] = _state[^1] = output;
    }

    private void Check(string what, Tensor tensor, int rows, int features)
    {
        if (tensor.Shape.Rank != 2 || tensor.Shape[0] != rows || tensor.Shape[1] != features)
            throw new InvalidOperationException($"{_layer.Title}: {_layer.Cell.GetType().Name}.Step: expected {what} to be [{rows}, {features}], [rows, features], received {tensor.Shape}.");
    }

    [System.Runtime.CompilerServices.InlineArray(RnnCell.MostParts + 1)]
    private struct StateRoom
    {
        private Tensor _first;
    }

    [System.Runtime.CompilerServices.InlineArray(RnnCell.MostParts)]
    private struct StateWidths
    {
        private int _first;
    }
}
