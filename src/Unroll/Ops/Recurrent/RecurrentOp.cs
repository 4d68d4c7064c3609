using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Recurrent;
using Unroll.Tensors;

namespace Unroll.Ops.Recurrent;

/// <summary>A recurrence to compute.</summary>
/// <param name="Weights">The parameters.</param>
/// <param name="Reverse">Whether each sequence is read from its end.</param>
/// <param name="InitialState">[B, H], or null for zeros.</param>
/// <param name="InitialCarry">[B, H], or null for zeros; only for a cell with a cell state.</param>
/// <param name="Into">A sequence tensor to write columns of, or null for one of H columns.</param>
/// <param name="Column">The first column written.</param>
/// <param name="Recompute">Whether the backward pass computes the gates again instead of keeping them (<see cref="ChunkMemory"/>).</param>
/// <param name="Options">What differs from the cell's usual form, or null.</param>
/// <param name="Noise">What regularises it; only with options.</param>
/// <param name="KeepsHistory">Whether cell states and gates of every step are kept even where no backward pass needs them.</param>
internal readonly record struct RecurrentCall(
    RecurrentWeights Weights, bool Reverse = false, Tensor? InitialState = null, Tensor? InitialCarry = null, Tensor? Into = null, int Column = 0,
    bool Recompute = false, CellOptions? Options = null, RecurrentNoise Noise = default, bool KeepsHistory = false);

/// <summary>What a recurrent layer computes in one direction.</summary>
/// <param name="Sequence">The hidden state at every step, in the layout of the input.</param>
/// <param name="FinalState">[B, H]: the hidden state after each sequence's last step; the initial one where it has no step.</param>
/// <param name="FinalCarry">[B, H]: the cell state likewise, for a cell that has one.</param>
internal readonly record struct RecurrentResult(Tensor Sequence, Tensor FinalState, Tensor? FinalCarry);

/// <summary>
/// A whole recurrence as one operation, by the fused sweeps (KERNELS.md 5, 6). Bits do not depend on how time is cut into
/// chunks, on the other sequences of the batch, or on the vector width.
/// </summary>
internal static unsafe class RecurrentOp
{
    private const int Size = PanelLayout.GroupSize;
    private const int MinimumChunkRows = 192;
    private const int ChunkBytes = 512 << 10;

    /// <summary>Runs the recurrence in one direction.</summary>
    /// <param name="tape">Where results are made.</param>
    /// <param name="x">[B, T, I], packed by time.</param>
    /// <param name="call">Parameters, direction and initial states.</param>
    public static RecurrentResult Of(Tape tape, Tensor x, RecurrentCall call)
    {
        Run run = Begin(tape, x, call);
        run.Cell.Forward(in run.Pass);
        return End(tape, x, in run, out _);
    }

    /// <summary>As <see cref="Of"/>, and copies what the recurrence went through.</summary>
    public static RecurrentResult Traced(Tape tape, Tensor x, RecurrentCall call, out RecurrentSteps steps)
    {
        Run run = Begin(tape, x, call with { KeepsHistory = true });
        run.Cell.Forward(in run.Pass);
        steps = RecurrentSteps.Of(tape, x.Shape.With(-1, call.Weights.Units), call.Weights.Cell, in run.Pass.Sweep);
        return End(tape, x, in run, out _);
    }

    /// <summary>Runs two directions over the same input, at the same time where that is worth it.</summary>
    public static (RecurrentResult First, RecurrentResult Second) Both(Tape tape, Tensor x, RecurrentCall first, RecurrentCall second)
    {
        Run one = Begin(tape, x, first), other = Begin(tape, x, second);
        if (one.Cell == other.Cell && one.Cell.IsPairWorthDividing(in one.Pass))
        {
            one.Cell.ForwardBoth(in one.Pass, in other.Pass);
        }
        else
        {
            one.Cell.Forward(in one.Pass);
            other.Cell.Forward(in other.Pass);
        }
        RecurrentResult result = End(tape, x, in one, out RecurrentNode? node);
        RecurrentResult otherResult = End(tape, x, in other, out RecurrentNode? later);
        later?.Pair(node);
        return (result, otherResult);
    }

    /// <summary>A recurrence between its preparation on the tape and its results.</summary>
    private struct Run
    {
        public RecurrentCall Call;
        public CellKernels Cell;
        public PassArguments Pass;
        public RecurrentResult Result;
        public bool NeedsGradient;
    }

    private static Run Begin(Tape tape, Tensor x, RecurrentCall call)
    {
        SequenceLayout layout = x.Layout ?? throw new ArgumentException("The recurrence needs rows packed by time.", nameof(x));
        RecurrentWeights weights = call.Weights;
        CellKernels cell = CellKernels.Of(weights.Cell, call.Options);
        int units = weights.Units;
        CheckStates(layout, units, call.InitialState, "initialState");
        CheckStates(layout, units, call.InitialCarry, "initialCarry");
        bool needsGradient = tape.Needs(x) || Needs(tape, call.InitialState) || Needs(tape, call.InitialCarry);
        foreach (Parameter parameter in weights.All) needsGradient |= tape.Needs(parameter);

        Tensor sequence = call.Into ?? tape.New(x.Shape.With(-1, units), layout, needsGradient);
        if (call.Into is not null && needsGradient) sequence.Buffer.NeedsGradient = true;
        Tensor finalState = tape.New(new Shape(layout.Batch, units), null, needsGradient);
        Tensor? finalCarry = cell.HasCarry ? tape.New(new Shape(layout.Batch, units), null, needsGradient) : null;
        // The backward pass's own chunks, where it computes them again.
        bool recomputes = needsGradient && call.Recompute && !call.KeepsHistory;
        PanelLayout panels = weights.RecurrentKernel.Panels!;
        int stepsPerChunk = layout.StepsOf(recomputes ? WeightGradient.RowsOfBlock(panels) : ChunkRows(cell, panels));
        SweepArguments sweep = Prepare(tape, call, cell, sequence, stepsPerChunk, keepsHistory: call.KeepsHistory || (needsGradient && !recomputes));
        return new Run
        {
            Call = call,
            Cell = cell,
            Result = new RecurrentResult(sequence, finalState, finalCarry),
            NeedsGradient = needsGradient,
            Pass = new PassArguments
            {
                Sweep = sweep,
                StepsPerChunk = stepsPerChunk,
                Chunk = recomputes ? PrepareChunk(tape, in sweep, stepsPerChunk) : default,
                Input = tape.Read(x),
                InputLayout = weights.Kernel.Panels!,
                InputWeights = tape.Read(weights.Kernel),
                InputBias = CombinedBias(tape, weights),
                Table = PrepareTable(tape, x, cell, panels),
            },
        };
    }

    private static RecurrentResult End(Tape tape, Tensor x, in Run run, out RecurrentNode? node)
    {
        CopyFinalStates(tape, in run.Pass.Sweep, run.Result.FinalState, run.Result.FinalCarry, run.Call.InitialState, run.Call.InitialCarry);
        node = run.NeedsGradient ? tape.Record<RecurrentNode>() : null;
        node?.Set(run.Call, run.Cell, in run.Pass, x, run.Result);
        return run.Result;
    }

    private static void CheckStates(SequenceLayout layout, int units, Tensor? states, string name)
    {
        if (states is { } tensor && tensor.Shape != new Shape(layout.Batch, units))
            throw new ArgumentException($"{name}: expected [batch {layout.Batch}, units {units}], received {tensor.Shape}.", name);
    }

    private static bool Needs(Tape tape, Tensor? tensor) => tensor is { } value && tape.Needs(value);

    private static SweepArguments Prepare(
        Tape tape, RecurrentCall call, CellKernels cell, Tensor sequence, int stepsPerChunk, bool keepsHistory)
    {
        SequenceLayout layout = sequence.Layout!;
        RecurrentWeights weights = call.Weights;
        PanelLayout panels = weights.RecurrentKernel.Panels!;
        int stored = cell.StoredGroups * panels.PaddedUnits;
        // The first chunk has the most rows.
        int gateRows = keepsHistory ? layout.Rows : layout.Offset(Math.Min(stepsPerChunk, layout.Steps));
        int historyRows = keepsHistory ? layout.Rows : layout.Batch;
        var sweep = new SweepArguments
        {
            Sequence = layout,
            Reverse = call.Reverse,
            Layout = panels,
            RecurrentWeights = tape.Read(weights.RecurrentKernel),
            Gates = tape.Scratch((long)gateRows * stored),
            GateRowStride = stored,
            GateBlockStride = cell.StoredGroups * Size,
            KeepsHistory = keepsHistory,
            Options = call.Options ?? CellOptions.Usual,
            Output = tape.Read(sequence) + call.Column,
            OutputStride = sequence.Features,
            RecurrentBias = cell.HasOwnRecurrentBias && weights.RecurrentBias is { } bias ? tape.Read(bias) : null,
            UnitWeights = weights.UnitWeights is { } own ? tape.Read(own) : null,
        };
        if (call.InitialState is { } state)
        {
            sweep.InitialState = tape.Scratch((long)layout.Batch * panels.Units);
            SortedStates.Gather(layout, tape.Read(state), panels.Units, sweep.InitialState);
        }
        if (cell.HasCarry)
        {
            sweep.Carry = tape.Scratch((long)historyRows * panels.PaddedUnits);
            sweep.CarryBlockStride = (nint)historyRows * Size;
            if (call.InitialCarry is { } carry)
            {
                sweep.InitialCarry = tape.Scratch((long)layout.Batch * panels.PaddedUnits);
                sweep.InitialCarryBlockStride = (nint)layout.Batch * Size;
                SortedStates.GatherBlocks(layout, tape.Read(carry), panels.Units, sweep.InitialCarry);
            }
        }
        if (cell.HasSecondPhase) sweep.ResetStates = tape.Scratch((long)historyRows * panels.PaddedUnits);
        RecurrentNoiseMemory.Prepare(tape, call.Noise, ref sweep, gateRows);
        return sweep;
    }

    /// <summary>The table of which the inputs are rows, if they are and it is small; see <see cref="InputTable"/>.</summary>
    private static InputTable PrepareTable(Tape tape, Tensor x, CellKernels cell, PanelLayout panels)
    {
        TableLookup lookup = x.Buffer.Lookup;
        if (lookup.Table is not { } rows || !InputTable.IsWorthMaking(rows.Shape[0], x.Rows)) return default;
        nint stride = (nint)cell.InputGroups * panels.PaddedUnits;
        return new InputTable
        {
            Ids = tape.Read(lookup.Ids),
            Vocabulary = rows.Shape[0],
            Rows = tape.Read(rows),
            Products = tape.Scratch(rows.Shape[0] * stride),
            RowStride = stride,
        };
    }

    /// <summary>What a pass that recomputes keeps of it besides the hidden states; the room for a chunk follows in the backward pass.</summary>
    private static ChunkMemory PrepareChunk(Tape tape, in SweepArguments sweep, int stepsPerChunk)
    {
        SequenceLayout layout = sweep.Sequence;
        nint states = (nint)layout.Batch * sweep.Layout.PaddedUnits;
        int chunks = (layout.Steps + stepsPerChunk - 1) / stepsPerChunk;
        return new ChunkMemory
        {
            Rows = Math.Max(layout.Offset(Math.Min(stepsPerChunk, layout.Steps)), 1),
            EvenGates = sweep.Gates,
            Carries = sweep.Carry == null ? null : tape.Scratch(chunks * states),
            CarriesStride = states,
        };
    }

    /// <summary>Rows of a chunk of time: enough to use each weight often, few enough that their gates stay in cache.</summary>
    private static int ChunkRows(CellKernels cell, PanelLayout recurrent) =>
        Math.Max(MinimumChunkRows, ChunkBytes / (cell.StoredGroups * recurrent.PaddedUnits * sizeof(float)));

    /// <summary>
    /// The bias with which the input product begins, in the kernel's storage order: both biases where there are two. A GRU
    /// with reset after keeps the recurrent bias of n apart, inside the product with r.
    /// </summary>
    private static float* CombinedBias(Tape tape, RecurrentWeights weights)
    {
        if (weights.Bias is null) return null;
        float* bias = tape.Read(weights.Bias);
        if (weights.RecurrentBias is null) return bias;
        float* recurrent = tape.Read(weights.RecurrentBias);
        int length = weights.Bias.StorageLength;
        float* sum = tape.Scratch(length);
        if (weights.Cell != RecurrentCell.Gru)
        {
            for (int i = 0; i < length; i++) sum[i] = bias[i] + recurrent[i];
            return sum;
        }
        for (int panel = 0; panel < length; panel += 3 * Size)
        {
            for (int i = 0; i < 2 * Size; i++) sum[panel + i] = bias[panel + i] + recurrent[panel + Size + i];
            for (int i = 2 * Size; i < 3 * Size; i++) sum[panel + i] = bias[panel + i];
        }
        return sum;
    }

    private static void CopyFinalStates(
        Tape tape, in SweepArguments sweep, Tensor finalState, Tensor? finalCarry, Tensor? initialState, Tensor? initialCarry)
    {
        SequenceLayout layout = sweep.Sequence;
        int units = sweep.Units;
        float* states = tape.Read(finalState), carries = finalCarry is { } c ? tape.Read(c) : null;
        for (int r = 0; r < layout.Batch; r++)
        {
            int b = layout.Order[r], length = layout.Lengths[b], last = sweep.Reverse ? 0 : length - 1;
            float* state = states + (nint)b * units, carry = carries + (nint)b * units;
            if (length == 0)
            {
                CopyOrClear(initialState is { } s ? tape.Read(s) + (nint)b * units : null, state, units);
                if (carries != null) CopyOrClear(initialCarry is { } i ? tape.Read(i) + (nint)b * units : null, carry, units);
                continue;
            }
            CopyOrClear(sweep.Output + (layout.Offset(last) + r) * sweep.OutputStride, state, units);
            if (carries == null) continue;
            float* from = sweep.Carry + (sweep.CarryRow(last) + r) * Size;
            for (int unit = 0; unit < units; unit += Size, from += sweep.CarryBlockStride)
                CopyOrClear(from, carry + unit, Math.Min(Size, units - unit));
        }
    }

    private static void CopyOrClear(float* from, float* to, int count)
    {
        if (from == null) new Span<float>(to, count).Clear();
        else new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
    }
}
