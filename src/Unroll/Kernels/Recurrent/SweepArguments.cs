using Unroll.Kernels.Layouts;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The memory of one layer and direction. Rows are packed by time (<see cref="Sequence"/>), row numbers are those of the
/// whole sequence; a buffer that holds only a chunk of time is given by a pointer moved back by the chunk's first row.
/// </summary>
internal unsafe struct SweepArguments
{
    public SequenceLayout Sequence;

    /// <summary>Whether the sequences are read from their ends to their starts.</summary>
    public bool Reverse;

    /// <summary>Layout of the recurrent weights [H, G · H].</summary>
    public PanelLayout Layout;
    public float* RecurrentWeights;

    /// <summary>Pre-activations, then activated gates, then their gradients: block j of 16 units at <c>Gates + j · GateBlockStride + row · GateRowStride</c>.</summary>
    public float* Gates;
    public nint GateBlockStride, GateRowStride;

    /// <summary>Cell states, 16 floats a row: block j at <c>Carry + j · CarryBlockStride</c>.</summary>
    public float* Carry;
    public nint CarryBlockStride;

    /// <summary>Whether cell and reset states are kept for every row (training), or only the latest of each sequence.</summary>
    public bool KeepsHistory;

    /// <summary>Hidden states, row-major; this is the layer's output. A bidirectional layer interleaves two.</summary>
    public float* Output;
    public nint OutputStride;

    /// <summary>Initial hidden state [B, H] in sorted order, or null for zeros.</summary>
    public float* InitialState;

    /// <summary>Initial cell state, block j at <c>InitialCarry + j · InitialCarryBlockStride</c>, or null for zeros.</summary>
    public float* InitialCarry;
    public nint InitialCarryBlockStride;

    /// <summary>
    /// Where only a chunk of time is kept: the cell states before the chunk's first step visited, block j at <c>ChunkCarry + j ·
    /// ChunkCarryBlockStride</c>; null where all are kept, or before the first chunk.
    /// </summary>
    public float* ChunkCarry;
    public nint ChunkCarryBlockStride;

    /// <summary>Where only a chunk of time is kept: the gates' gradients of the chunk visited after this one, else null.</summary>
    public float* LaterGates;

    /// <summary>What differs from the cell's usual form.</summary>
    public CellOptions Options;

    /// <summary>What regularises the recurrence, for a general kernel.</summary>
    public SweepNoise Noise;

    /// <summary>Weights that units have for themselves (<see cref="CellBlock.UnitWeights"/>), block after block, or null.</summary>
    public float* UnitWeights;

    /// <summary>r ⊙ hₜ₋₁, row-major with padded units, where the cell has a second phase.</summary>
    public float* ResetStates;

    /// <summary>The recurrent bias in storage order, where the cell has a group that only the recurrent product fills; null for zeros.</summary>
    public float* RecurrentBias;

    /// <summary>Steps to visit, from <see cref="FirstStep"/> up to but without <see cref="EndStep"/>.</summary>
    public int FirstStep, EndStep;

    /// <summary>Sorted rows to visit: a thread's share.</summary>
    public int FirstRow, EndRow;

    /// <summary>Blocks of 16 units to visit: a thread's share.</summary>
    public int FirstBlock, EndBlock;

    /// <summary>Whom the thread waits for after each step, where the units are divided.</summary>
    public TeamMember StepMember;

    // What only the backward sweep needs.

    /// <summary>The recurrent weights transposed.</summary>
    public PanelLayout TransposedLayout;
    public float* TransposedWeights;

    /// <summary>Gradient of the output, row-major like it, or null where only the final state has one.</summary>
    public float* OutputGradient;

    /// <summary>Gradient of the final hidden state [B, H] in sorted order, or null.</summary>
    public float* FinalStateGradient;

    /// <summary>In: the gradient of the final cell state; out: of the initial one. Block j at <c>j · CarryGradientBlockStride</c>, 16 floats a row.</summary>
    public float* CarryGradient;
    public nint CarryGradientBlockStride;

    /// <summary>Out: gradient of the initial hidden state [B, H], added in sorted order; null where nobody needs it.</summary>
    public float* InitialStateGradient;

    public readonly int Units => Layout.Units;

    public readonly int BlockCount => Layout.PaddedUnits / PanelLayout.GroupSize;

    /// <summary>Up to this many rows the cell runs over all blocks of a row instead of over the rows of a block.</summary>
    public const int FewRows = 2;

    /// <summary>Blocks of 16 units whose columns lie side by side.</summary>
    public readonly int BlocksPerPanel => Layout.Gates == 1 ? PanelLayout.WideGroups : 1;

    /// <summary>The step that the recurrence visits before a step; −1 or T where there is none.</summary>
    public readonly int Before(int step) => Reverse ? step + 1 : step - 1;

    /// <summary>The gates' gradients as the step visited before <paramref name="step"/> reads them.</summary>
    public readonly float* GatesAt(int step) => LaterGates == null || InChunk(step) ? Gates : LaterGates;

    private readonly bool InChunk(int step) => step >= FirstStep && step < EndStep;

    /// <summary>How many of a step's rows have been visited at the step before; the others begin here.</summary>
    public readonly int RowsWithPast(int step) => Reverse
        ? (step + 1 < Sequence.Steps ? Sequence.RowsAt(step + 1) : 0)
        : (step > 0 ? Sequence.RowsAt(step) : 0);

    /// <summary>How many of a step's rows go on to the step after; the others end here.</summary>
    public readonly int RowsWithFuture(int step) => Reverse
        ? (step > 0 ? Sequence.RowsAt(step) : 0)
        : (step + 1 < Sequence.Steps ? Sequence.RowsAt(step + 1) : 0);

    /// <summary>Where the cell states of a step's rows lie in a block.</summary>
    public readonly nint CarryRow(int step) => KeepsHistory ? Sequence.Offset(step) : 0;

    /// <summary>r ⊙ hₜ₋₁ of a step's rows.</summary>
    public readonly float* ResetStatesOf(int step) => ResetStates + CarryRow(step) * Layout.PaddedUnits;

    /// <summary>The hidden states before a step's rows: of the step before where <paramref name="hasPast"/>, else the initial ones or null.</summary>
    public readonly float* PreviousStates(int step, bool hasPast, out nint stride)
    {
        stride = hasPast ? OutputStride : Units;
        return hasPast ? Output + Sequence.Offset(Before(step)) * OutputStride : InitialState;
    }

    /// <summary>The hidden states before a step's rows as the recurrent weights see them.</summary>
    public readonly float* PreviousOperands(int step, bool hasPast, out nint stride)
    {
        if (Noise.MaskedStates == null) return PreviousStates(step, hasPast, out stride);
        stride = Layout.PaddedUnits;
        return hasPast ? Noise.MaskedStates + Sequence.Offset(Before(step)) * stride : Noise.MaskedInitialStates;
    }

    /// <summary>The cell states before a step's rows, like <see cref="PreviousStates"/>.</summary>
    public readonly float* PreviousCarries(int step, bool hasPast, out nint blockStride)
    {
        if (hasPast && ChunkCarry != null && !InChunk(Before(step)))
        {
            blockStride = ChunkCarryBlockStride;
            return ChunkCarry;
        }
        blockStride = hasPast ? CarryBlockStride : InitialCarryBlockStride;
        return hasPast ? Carry + CarryRow(Before(step)) * PanelLayout.GroupSize : InitialCarry;
    }
}
