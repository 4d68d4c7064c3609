using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Gradient checkpointing (Gruslys et al. 2016, arXiv 1606.03401; KERNELS.md 6): of a training pass the hidden states are kept,
/// and the cell states at the start of each chunk of time; the backward pass computes the gates of a chunk again, from
/// the same numbers in the same order, just before it needs them.
/// </summary>
internal unsafe struct ChunkMemory
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>Cell states at the start of chunk i, in the order visited: at <c>Carries + i · CarriesStride</c>, block j · batch · 16; null for a cell without.</summary>
    public float* Carries;
    public nint CarriesStride;

    /// <summary>Room for the gates of two chunks, in turn, so that the one before can read the first gradients of the one after.</summary>
    public float* EvenGates, OddGates;

    /// <summary>Room for a chunk's cell states and reset states.</summary>
    public float* Carry, ResetStates;

    /// <summary>Most rows of a chunk.</summary>
    public int Rows;

    /// <summary>Whether chunks are recomputed.</summary>
    public readonly bool IsUsed => Rows > 0;

    /// <summary>Keeps the cell states of a thread's rows and units at the start of chunk <paramref name="i"/>.</summary>
    public readonly void KeepCarry(in SweepArguments sweep, int i)
    {
        if (Carries == null || i == 0) return;
        int rows = sweep.EndRow - sweep.FirstRow, batch = sweep.Sequence.Batch;
        for (int j = sweep.FirstBlock; j < sweep.EndBlock; j++)
        {
            float* from = sweep.Carry + j * sweep.CarryBlockStride + sweep.FirstRow * Size;
            float* to = Carries + i * CarriesStride + ((nint)j * batch + sweep.FirstRow) * Size;
            new ReadOnlySpan<float>(from, rows * Size).CopyTo(new Span<float>(to, rows * Size));
        }
    }

    /// <summary>Points a sweep, its steps set to chunk <paramref name="i"/>, at the chunk's memory.</summary>
    public readonly void Select(ref SweepArguments sweep, int i)
    {
        nint first = sweep.Sequence.Offset(sweep.FirstStep);
        sweep.KeepsHistory = true;
        sweep.LaterGates = sweep.Gates;
        sweep.Noise.Begin(first);
        sweep.Gates = ((i & 1) == 0 ? EvenGates : OddGates) - first * sweep.GateRowStride;
        if (Carries != null)
        {
            sweep.Carry = Carry - first * Size;
            sweep.CarryBlockStride = (nint)Rows * Size;
            sweep.ChunkCarry = i == 0 ? null : Carries + i * CarriesStride;
            sweep.ChunkCarryBlockStride = (nint)sweep.Sequence.Batch * Size;
        }
        if (ResetStates != null) sweep.ResetStates = ResetStates - first * sweep.Layout.PaddedUnits;
    }
}
