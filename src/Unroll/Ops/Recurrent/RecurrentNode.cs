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

    private RecurrentCall _call;
    private CellKernels? _cell;
    private PassArguments _pass;
    private RecurrentResult _result;
    private Tensor _x;
    private RecurrentNode? _twin;
    private bool _done;

    public void Set(RecurrentCall call, CellKernels cell, in PassArguments pass, Tensor x, RecurrentResult result) =>
        (_call, _cell, _pass, _x, _result, _twin, _done) = (call, cell, pass, x, result, null, false);

    /// <summary>Makes this node, the later of two over the same input, run the other's backward pass beside its own.</summary>
    public void Pair(RecurrentNode? other) => _twin = other;

    public override void Clear() => (_call, _cell, _pass, _x, _result, _twin) = (default, null, default, default, default, null);

    public override void Backward(Tape tape)
    {
        if (!HasGradient) return;
        if (_twin is { HasGradient: true } twin && twin._cell == _cell && _cell!.IsPairWorthDividing(in _pass))
        {
            Begin(tape);
            twin.Begin(tape);
            _cell.BackwardBoth(in _pass, in twin._pass);
            _cell.AddInputGradient(in _pass);
            _cell.AddInputGradient(in twin._pass);
            End(tape); // in the order of two nodes that run alone
            twin.End(tape);
            twin._result = default; // nothing is left for it to do
            return;
        }
        Begin(tape);
        _cell!.Backward(in _pass);
        End(tape);
    }

    private bool HasGradient => !_result.Sequence.IsDefault
        && (Tape.HasGradient(_result.Sequence) || Tape.HasGradient(_result.FinalState) || HasCarryGradient);

    private bool HasCarryGradient => _result.FinalCarry is { } carry && Tape.HasGradient(carry);

    private void Begin(Tape tape)
    {
        if (_done) throw new InvalidOperationException("This recurrence has already run backward: its gates were overwritten by their gradients. Run the forward pass again.");
        _done = true;

        RecurrentWeights weights = _call.Weights;
        SequenceLayout layout = _pass.Sweep.Sequence;
        int units = _pass.Sweep.Units, padded = _pass.Sweep.Layout.PaddedUnits;
        _pass.Sweep.TransposedLayout = weights.RecurrentKernel.TransposedPanels!;
        _pass.Sweep.TransposedWeights = weights.RecurrentKernel.Transposed();
        _pass.Sweep.OutputGradient = Tape.HasGradient(_result.Sequence) ? tape.Gradient(_result.Sequence) + _call.Column : null;
        if (Tape.HasGradient(_result.FinalState))
        {
            _pass.Sweep.FinalStateGradient = tape.Scratch((long)layout.Batch * units);
            SortedStates.Gather(layout, tape.Gradient(_result.FinalState), units, _pass.Sweep.FinalStateGradient);
        }
        _pass.Sweep.CarryGradient = tape.Scratch((long)layout.Batch * padded);
        _pass.Sweep.CarryGradientBlockStride = (nint)layout.Batch * Size;
        SortedStates.GatherBlocks(layout, HasCarryGradient ? tape.Gradient(_result.FinalCarry!.Value) : null, units, _pass.Sweep.CarryGradient);
        if (_pass.Sweep.Noise.StateHold.Values != null)
        {
            _pass.Sweep.Noise.HeldGradient = tape.Scratch((long)layout.Batch * padded);
            _pass.Sweep.Noise.HeldGradientBlockStride = (nint)layout.Batch * Size;
            new Span<float>(_pass.Sweep.Noise.HeldGradient, layout.Batch * padded).Clear();
        }
        if (_call.InitialState is { } state && tape.Gradient(state) != null)
        {
            _pass.Sweep.InitialStateGradient = tape.Scratch((long)layout.Batch * units);
            new Span<float>(_pass.Sweep.InitialStateGradient, layout.Batch * units).Clear();
        }

        _pass.StepsPerChunk = layout.StepsOf(WeightGradient.RowsOfBlock(_pass.Sweep.Layout));
        if (_pass.Chunk.IsUsed)
        {
            _pass.Chunk.OddGates = tape.Scratch(_pass.Chunk.Rows * _pass.Sweep.GateRowStride);
            if (_pass.Chunk.Carries != null) _pass.Chunk.Carry = tape.Scratch((long)_pass.Chunk.Rows * padded);
            if (_pass.Sweep.ResetStates != null) _pass.Chunk.ResetStates = tape.Scratch((long)_pass.Chunk.Rows * padded);
        }
        if (_pass.Table.IsUsed) _pass.Table.GradientSums = tape.Scratch(_pass.Table.Vocabulary * _pass.Table.RowStride);
        _pass.TransposedInputLayout = weights.Kernel.TransposedPanels!;
        _pass.TransposedInputWeights = weights.Kernel.Transposed();
        // With a table the products that follow the sums are this node's (AddTableGradients).
        bool isFirst = false;
        _pass.InputGradient = _pass.Table.IsUsed ? null : tape.Gradient(_x, out isFirst);
        _pass.AddsToInputGradient = !isFirst;
        _pass.InputWeightsGradient = Gradient(weights.Kernel);
        _pass.InputBiasGradient = Gradient(weights.Bias);
        _pass.RecurrentWeightsGradient = weights.UnitWeights == weights.RecurrentKernel ? null : Gradient(weights.RecurrentKernel);
        _pass.RecurrentBiasGradient = Gradient(weights.RecurrentBias);
        _pass.UnitWeightsGradient = Gradient(weights.UnitWeights);
    }

    private void End(Tape tape)
    {
        if (_pass.Table.IsUsed) AddTableGradients(_x.Buffer.Lookup);
        ref readonly SweepArguments sweep = ref _pass.Sweep;
        if (_cell!.RecurrentGroups == 0 && _pass.UnitWeightsGradient != null)
            IndependentGradient.StopOutward(sweep.UnitWeights, _pass.UnitWeightsGradient, sweep.Layout.PaddedUnits, sweep.Options.Limit);
        if (sweep.InitialStateGradient != null)
        {
            // A sequence without steps hands its initial state on as its final one.
            if (sweep.FinalStateGradient != null) AddEmptySequences(in sweep);
            SortedStates.ScatterAdd(sweep.Sequence, sweep.InitialStateGradient, sweep.Units, tape.Gradient(_call.InitialState!.Value));
        }
        if (_call.InitialCarry is { } carry && tape.Gradient(carry) is var gradient && gradient != null)
            SortedStates.ScatterAddBlocks(sweep.Sequence, sweep.CarryGradient, sweep.Units, gradient);
    }

    /// <summary>From the gates' gradients summed by row of the table: those of the input weights, and of the table.</summary>
    private void AddTableGradients(TableLookup lookup)
    {
        InputTable table = _pass.Table;
        PanelLayout layout = _pass.InputLayout;
        WeightGradient.Run(new WeightGradient.Arguments
        {
            Inputs = WeightGradient.RowPointers(table.Rows, layout.Rows, table.Vocabulary),
            Rows = table.Vocabulary,
            Outputs = table.GradientSums,
            RowStride = table.RowStride,
            PanelStride = _pass.Sweep.BlocksPerPanel * _cell!.InputGroups * Size,
            Layout = layout,
            Weights = _pass.InputWeightsGradient,
            Bias = _pass.InputBiasGradient,
        });
        float* gradient = Gradient(lookup.Table);
        if (gradient == null) return;
        int padding = lookup.Padding < 0 ? table.Vocabulary : lookup.Padding;
        AddTableGradient(gradient, 0, padding);
        AddTableGradient(gradient, padding + 1, table.Vocabulary);
    }

    private void AddTableGradient(float* gradient, int first, int end)
    {
        if (first >= end) return;
        InputTable table = _pass.Table;
        int inputs = _pass.InputLayout.Rows;
        PanelProduct.Run(new PanelProduct.Arguments
        {
            Source = ProductSource.RowMajor(table.GradientSums + first * table.RowStride, table.RowStride, table.RowStride),
            Rows = end - first,
            Layout = _pass.TransposedInputLayout,
            Weights = _pass.TransposedInputWeights,
            Target = new ProductTarget { Values = gradient + (nint)first * inputs, RowStride = inputs, Accumulate = true },
        });
    }

    private static void AddEmptySequences(in SweepArguments sweep)
    {
        // Rows are sorted: those without steps are the last ones.
        int first = sweep.Sequence.Steps == 0 ? 0 : sweep.Sequence.RowsAt(0);
        for (nint i = (nint)first * sweep.Units; i < (nint)sweep.Sequence.Batch * sweep.Units; i++) sweep.InitialStateGradient[i] += sweep.FinalStateGradient[i];
    }

    private static float* Gradient(Parameter? parameter) => parameter is null ? null : Tape.Gradient(parameter);
}
