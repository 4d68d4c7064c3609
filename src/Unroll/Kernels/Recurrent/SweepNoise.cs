using Unroll.Basics;
using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Recurrent;

/// <summary>The masks of a sweep, and the states as the recurrent weights see them.</summary>
internal unsafe struct SweepNoise
{
    private const int Size = PanelLayout.GroupSize;

    public RecurrentNoise Draws;

    /// <summary>By the packed row; see <see cref="CellNoise"/>.</summary>
    public UnitRows CandidateMask, CarryHold, StateHold;

    /// <summary>By the sorted sequence; no values where states are not masked.</summary>
    public UnitRows StateMask;

    /// <summary>Masked states of every packed row, and before the first step, row-major with padded units; null for none, or zeros before.</summary>
    public float* MaskedStates, MaskedInitialStates;

    /// <summary>See <see cref="CellNoise.HeldGradient"/>; block j at <c>j · HeldGradientBlockStride</c>, 16 floats a row.</summary>
    public float* HeldGradient;
    public nint HeldGradientBlockStride;

    /// <summary>Where buffers hold one chunk of time: their first rows.</summary>
    public float* FirstCandidateMask, FirstCarryHold, FirstStateHold;

    private readonly bool DrawsCandidates => CandidateMask.RowStride != 0;

    private readonly bool DrawsCarries => CarryHold.RowStride != 0;

    private readonly bool DrawsStates => StateHold.RowStride != 0;

    /// <summary>Points buffers that hold one chunk of time to the one that begins at a packed row.</summary>
    public void Begin(nint firstRow)
    {
        CandidateMask.Values = FirstCandidateMask - firstRow * CandidateMask.RowStride;
        CarryHold.Values = FirstCarryHold - firstRow * CarryHold.RowStride;
        StateHold.Values = FirstStateHold - firstRow * StateHold.RowStride;
    }

    /// <summary>Draws the masks of a thread's rows and units for the steps that the sweep is set to.</summary>
    public readonly void Draw(in SweepArguments sweep)
    {
        if (!DrawsCandidates && !DrawsCarries && !DrawsStates) return;
        RandomStream candidates = Draws.Stream.Fork("candidate_dropout"), states = Draws.Stream.Fork("zoneout"), carries = Draws.Stream.Fork("cell_zoneout");
        int first = sweep.FirstBlock * Size, count = sweep.EndBlock * Size - first;
        for (int step = sweep.FirstStep; step < sweep.EndStep; step++)
        {
            int end = Math.Min(sweep.EndRow, sweep.Sequence.RowsAt(step));
            for (int row = sweep.FirstRow; row < end; row++)
            {
                nint packed = sweep.Sequence.Offset(step) + row;
                long draw = SequenceDraws.First(sweep.Sequence.Order[row]) + (long)(step + Draws.FirstTime) * sweep.Units + first;
                if (DrawsCandidates) RandomFill.KeepMask(in candidates, draw, Draws.CandidateDropout, new Span<float>(CandidateMask.At(packed, sweep.FirstBlock), count));
                if (DrawsStates) RandomFill.HoldMask(in states, draw, Draws.StateHold, new Span<float>(StateHold.At(packed, sweep.FirstBlock), count));
                if (DrawsCarries) RandomFill.HoldMask(in carries, draw, Draws.CarryHold, new Span<float>(CarryHold.At(packed, sweep.FirstBlock), count));
            }
        }
    }

    /// <summary>Draws the masks of all sequences' states, and masks the initial ones.</summary>
    public readonly void DrawStateMasks(in SweepArguments sweep)
    {
        RandomStream stream = Draws.Stream.Fork("recurrent_dropout");
        for (int row = 0; row < sweep.Sequence.Batch; row++)
        {
            float* mask = StateMask.At(row, 0);
            RandomFill.KeepMask(in stream, SequenceDraws.First(sweep.Sequence.Order[row]), Draws.StateDropout, new Span<float>(mask, sweep.Layout.PaddedUnits));
            if (sweep.InitialState == null) continue;
            for (int u = 0; u < sweep.Units; u++) MaskedInitialStates[row * StateMask.RowStride + u] = mask[u] * sweep.InitialState[(nint)row * sweep.Units + u];
        }
    }

    /// <summary>The rows from sorted row <paramref name="row"/>, packed row <paramref name="packed"/> on, in one block of units.</summary>
    public readonly CellNoise At(nint packed, int row, int block) => new()
    {
        CandidateMask = CandidateMask.At(packed, block),
        CandidateMaskStride = CandidateMask.RowStride,
        CarryHold = CarryHold.At(packed, block),
        CarryHoldStride = CarryHold.RowStride,
        StateHold = StateHold.Values == null ? null : StateHold.At(packed, block),
        StateHoldStride = StateHold.RowStride,
        StateMask = StateMask.Values == null ? null : StateMask.At(row, block),
        StateMaskStride = StateMask.RowStride,
        MaskedState = MaskedStates == null ? null : MaskedStates + packed * StateMask.RowStride + block * Size,
        MaskedStateStride = StateMask.RowStride,
        HeldGradient = HeldGradient == null ? null : HeldGradient + block * HeldGradientBlockStride + row * Size,
        HeldGradientStride = Size,
    };

    /// <summary>One row in neighbouring blocks, from <paramref name="block"/> on.</summary>
    public readonly CellNoise Across(nint packed, int row, int block)
    {
        CellNoise noise = At(packed, row, block);
        noise.CandidateMaskStride = CandidateMask.BlockStride;
        noise.CarryHoldStride = CarryHold.BlockStride;
        noise.StateHoldStride = StateHold.BlockStride;
        noise.StateMaskStride = noise.MaskedStateStride = Size;
        noise.HeldGradientStride = HeldGradientBlockStride;
        return noise;
    }
}
