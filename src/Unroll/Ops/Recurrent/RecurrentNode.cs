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
    private PassArguments _pass;
    private Tensor _x, _sequence, _finalState;
    private Tensor? _finalCarry, _initialState, _initialCarry;
    private int _column;
    private bool _done;

    public void Set(
        RecurrentWeights weights, CellKernels cell, in PassArguments pass, Tensor x, Tensor sequence, int column,
        Tensor finalState, Tensor? finalCarry, Tensor? initialState, Tensor? initialCarry)
    {
        (_weights, _cell, _pass, _x, _sequence, _column) = (weights, cell, pass, x, sequence, column);
        (_finalState, _finalCarry, _initialState, _initialCarry) = (finalState, finalCarry, initialState, initialCarry);
        _done = false;
    }

    public override void Clear()
    {
        (_weights, _cell, _pass.Sweep, _x, _sequence) = (null, null, default, default, default);
        (_finalState, _finalCarry, _initialState, _initialCarry) = (default, null, null, null);
    }

    public override void Backward(Tape tape)
    {
        bool hasCarryGradient = _finalCarry is { } carry && Tape.HasGradient(carry);
        if (!Tape.HasGradient(_sequence) && !Tape.HasGradient(_finalState) && !hasCarryGradient) return;
        if (_done) throw new InvalidOperationException("This recurrence has already run backward: its gates were overwritten by their gradients. Run the forward pass again.");
        _done = true;

        SequenceLayout layout = _pass.Sweep.Sequence;
        int units = _pass.Sweep.Units, padded = _pass.Sweep.Layout.PaddedUnits;
        _pass.Sweep.TransposedLayout = _weights!.RecurrentKernel.TransposedPanels!;
        _pass.Sweep.TransposedWeights = _weights.RecurrentKernel.Transposed();
        _pass.Sweep.OutputGradient = Tape.HasGradient(_sequence) ? tape.Gradient(_sequence) + _column : null;
        if (Tape.HasGradient(_finalState))
        {
            _pass.Sweep.FinalStateGradient = tape.Scratch((long)layout.Batch * units);
            SortedStates.Gather(layout, tape.Gradient(_finalState), units, _pass.Sweep.FinalStateGradient);
        }
        _pass.Sweep.CarryGradient = tape.Scratch((long)layout.Batch * padded);
        _pass.Sweep.CarryGradientBlockStride = (nint)layout.Batch * Size;
        SortedStates.GatherBlocks(layout, hasCarryGradient ? tape.Gradient(_finalCarry!.Value) : null, units, _pass.Sweep.CarryGradient);
        float* initialGradient = _initialState is { } state ? tape.Gradient(state) : null;
        if (initialGradient != null)
        {
            _pass.Sweep.InitialStateGradient = tape.Scratch((long)layout.Batch * units);
            new Span<float>(_pass.Sweep.InitialStateGradient, layout.Batch * units).Clear();
        }

        _pass.StepsPerChunk = layout.StepsOf(WeightGradient.RowsOfBlock(_pass.Sweep.Layout));
        _pass.TransposedInputLayout = _weights.Kernel.TransposedPanels!;
        _pass.TransposedInputWeights = _weights.Kernel.Transposed();
        _pass.InputGradient = tape.Gradient(_x);
        _pass.InputWeightsGradient = Gradient(_weights.Kernel);
        _pass.InputBiasGradient = Gradient(_weights.Bias);
        _pass.RecurrentWeightsGradient = Gradient(_weights.RecurrentKernel);
        _pass.RecurrentBiasGradient = Gradient(_weights.RecurrentBias);
        _pass.PeepholeGradient = Gradient(_weights.Peepholes);

        _cell!.Backward(in _pass);

        if (initialGradient != null) _cell.InitialStateGradients(in _pass.Sweep);
        if (initialGradient != null) SortedStates.ScatterAdd(layout, _pass.Sweep.InitialStateGradient, units, initialGradient);
        if (_initialCarry is { } initialCarry && tape.Gradient(initialCarry) is var carryGradient && carryGradient != null)
            SortedStates.ScatterAddBlocks(layout, _pass.Sweep.CarryGradient, units, carryGradient);
    }

    private static float* Gradient(Parameter? parameter) => parameter is null ? null : Tape.Gradient(parameter);
}
