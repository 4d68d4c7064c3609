using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Recurrent;
using Unroll.Tensors;

namespace Unroll.Ops.Recurrent;

/// <summary>The backward pass of <see cref="RecurrentOp"/>: the sweep, then what it leaves to products over all rows.</summary>
internal sealed unsafe class RecurrentNode : Node
{
    private const int Size = PanelLayout.GroupSize;

    private RecurrentWeights? _weights;
    private CellKernels? _cell;
    private SweepArguments _sweep;
    private Tensor _x, _sequence, _finalState;
    private Tensor? _finalCarry, _initialState, _initialCarry;
    private int _column;
    private bool _done;

    public void Set(
        RecurrentWeights weights, CellKernels cell, in SweepArguments sweep, Tensor x, Tensor sequence, int column,
        Tensor finalState, Tensor? finalCarry, Tensor? initialState, Tensor? initialCarry)
    {
        (_weights, _cell, _sweep, _x, _sequence, _column) = (weights, cell, sweep, x, sequence, column);
        (_finalState, _finalCarry, _initialState, _initialCarry) = (finalState, finalCarry, initialState, initialCarry);
        _done = false;
    }

    public override void Clear()
    {
        (_weights, _cell, _sweep, _x, _sequence) = (null, null, default, default, default);
        (_finalState, _finalCarry, _initialState, _initialCarry) = (default, null, null, null);
    }

    public override void Backward(Tape tape)
    {
        bool hasCarryGradient = _finalCarry is { } carry && Tape.HasGradient(carry);
        if (!Tape.HasGradient(_sequence) && !Tape.HasGradient(_finalState) && !hasCarryGradient) return;
        if (_done) throw new InvalidOperationException("This recurrence has already run backward: its gates were overwritten by their gradients. Run the forward pass again.");
        _done = true;

        SequenceLayout layout = _sweep.Sequence;
        int units = _sweep.Units, padded = _sweep.Layout.PaddedUnits;
        _sweep.TransposedLayout = _weights!.RecurrentKernel.TransposedPanels!;
        _sweep.TransposedWeights = _weights.RecurrentKernel.Transposed();
        _sweep.OutputGradient = Tape.HasGradient(_sequence) ? tape.Gradient(_sequence) + _column : null;
        if (Tape.HasGradient(_finalState))
        {
            _sweep.FinalStateGradient = tape.Scratch((long)layout.Batch * units);
            SortedStates.Gather(layout, tape.Gradient(_finalState), units, _sweep.FinalStateGradient);
        }
        _sweep.CarryGradient = tape.Scratch((long)layout.Batch * padded);
        _sweep.CarryGradientBlockStride = (nint)layout.Batch * Size;
        SortedStates.GatherBlocks(layout, hasCarryGradient ? tape.Gradient(_finalCarry!.Value) : null, units, _sweep.CarryGradient);
        float* initialGradient = _initialState is { } state ? tape.Gradient(state) : null;
        if (initialGradient != null)
        {
            _sweep.InitialStateGradient = tape.Scratch((long)layout.Batch * units);
            new Span<float>(_sweep.InitialStateGradient, layout.Batch * units).Clear();
        }

        RunBackward(tape);

        if (initialGradient != null) SortedStates.ScatterAdd(layout, _sweep.InitialStateGradient, units, initialGradient);
        if (_initialCarry is { } initialCarry && tape.Gradient(initialCarry) is var carryGradient && carryGradient != null)
            SortedStates.ScatterAddBlocks(layout, _sweep.CarryGradient, units, carryGradient);
    }

    /// <summary>Time in chunks, the last visited first: the sweep, then the products that need its gradients while they are in cache.</summary>
    private void RunBackward(Tape tape)
    {
        SequenceLayout layout = _sweep.Sequence;
        float* x = tape.Read(_x), dx = tape.Gradient(_x);
        float* peepholes = Gradient(_weights!.Peepholes);
        int stepsPerChunk = layout.StepsOf(WeightGradient.RowsOfBlock(_sweep.Layout)), chunks = (layout.Steps + stepsPerChunk - 1) / stepsPerChunk;
        for (int i = 0; i < chunks; i++)
        {
            _sweep.FirstStep = stepsPerChunk * (_sweep.Reverse ? i : chunks - 1 - i);
            _sweep.EndStep = Math.Min(_sweep.FirstStep + stepsPerChunk, layout.Steps);
            int first = layout.Offset(_sweep.FirstStep), rows = layout.Offset(_sweep.EndStep) - first;
            _cell!.Backward(in _sweep);
            InputWeights(x, first, rows);
            RecurrentKernel(first, rows);
            if (peepholes != null) PeepholeGradient.Run(new PeepholeGradient.Arguments { Sweep = _sweep, Gradients = peepholes });
            if (dx != null) Input(dx, first, rows);
        }
        if (_sweep.InitialStateGradient != null) _cell!.InitialStateGradients(in _sweep);
    }

    private void InputWeights(float* x, int first, int rows)
    {
        float* kernel = Tape.Gradient(_weights!.Kernel), bias = Gradient(_weights.Bias);
        if (kernel == null && bias == null) return;
        int inputs = _weights.Kernel.Panels!.Rows;
        WeightGradient.Run(new WeightGradient.Arguments
        {
            Inputs = WeightGradient.RowPointers(x + (nint)first * inputs, inputs, rows),
            Rows = rows,
            Outputs = _sweep.Gates + first * _sweep.GateRowStride + _cell!.InputFirstGroup * Size,
            RowStride = _sweep.GateRowStride,
            PanelStride = PanelStride,
            Layout = _weights.Kernel.Panels,
            Weights = kernel,
            Bias = bias,
        });
    }

    private void RecurrentKernel(int first, int rows)
    {
        float* kernel = Tape.Gradient(_weights!.RecurrentKernel), bias = Gradient(_weights.RecurrentBias);
        if (kernel == null && bias == null) return;
        var arguments = new WeightGradient.Arguments
        {
            Inputs = PreviousStates(rows),
            Rows = rows,
            Outputs = _sweep.Gates + first * _sweep.GateRowStride + _cell!.RecurrentFirstGroup * Size,
            RowStride = _sweep.GateRowStride,
            PanelStride = PanelStride,
            Layout = _sweep.Layout,
            Weights = kernel,
            Bias = bias,
            GroupCount = _cell.HasSecondPhase ? _cell.RecurrentGroups : 0,
        };
        WeightGradient.Run(in arguments);
        if (!_cell.HasSecondPhase) return;
        nint padded = _sweep.Layout.PaddedUnits;
        arguments.Inputs = WeightGradient.RowPointers(_sweep.ResetStates + first * padded, padded, rows);
        arguments.FirstGroup = _cell.RecurrentGroups;
        arguments.GroupCount = _cell.StoredGroups - _cell.RecurrentGroups;
        arguments.Outputs += _cell.RecurrentGroups * Size;
        WeightGradient.Run(in arguments);
    }

    /// <summary>For each row of the sweep's steps the hidden state that its step began with; null where that is zero.</summary>
    private float** PreviousStates(int count)
    {
        SequenceLayout layout = _sweep.Sequence;
        float** pointers = Workspace.Pointers(Workspace.Slot.LeftPointers, count);
        float** next = pointers;
        for (int step = _sweep.FirstStep; step < _sweep.EndStep; step++)
        {
            int rows = layout.RowsAt(step), past = Math.Min(_sweep.RowsWithPast(step), rows);
            for (int row = 0; row < rows; row++)
            {
                float* states = _sweep.PreviousStates(step, row < past, out nint stride);
                *next++ = states == null ? null : states + row * stride;
            }
        }
        return pointers;
    }

    private void Input(float* dx, int first, int rows)
    {
        PanelLayout kernel = _weights!.Kernel.Panels!;
        bool oneRun = _cell!.InputGroups == _cell.StoredGroups;
        PanelProduct.Run(new PanelProduct.Arguments
        {
            Source = new ProductSource
            {
                Values = _sweep.Gates + first * _sweep.GateRowStride + _cell.InputFirstGroup * Size,
                RowStride = _sweep.GateRowStride,
                Length = oneRun ? kernel.StoredColumns : _cell.InputGroups * Size,
                Segments = oneRun ? 1 : _sweep.BlockCount,
                SegmentStride = _sweep.GateBlockStride,
            },
            Rows = rows,
            Layout = _weights.Kernel.TransposedPanels!,
            Weights = _weights.Kernel.Transposed(),
            Target = new ProductTarget { Values = dx + (nint)first * kernel.Rows, RowStride = kernel.Rows, Accumulate = true },
        });
    }

    private nint PanelStride => _sweep.BlocksPerPanel * _sweep.GateBlockStride;

    private static float* Gradient(Parameter? parameter) => parameter is null ? null : Tape.Gradient(parameter);
}
