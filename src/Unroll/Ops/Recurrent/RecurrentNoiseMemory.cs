using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;

namespace Unroll.Ops.Recurrent;

/// <summary>The memory of a recurrence's regularisation, on the tape.</summary>
internal static unsafe class RecurrentNoiseMemory
{
    /// <summary>Makes the masks' rooms, or constant rows where nothing is drawn, and draws those of whole sequences.</summary>
    /// <param name="tape">Where they lie.</param>
    /// <param name="noise">What regularises.</param>
    /// <param name="sweep">The sweep, otherwise complete.</param>
    /// <param name="rows">Packed rows that the gates' buffer holds.</param>
    public static void Prepare(Tape tape, in RecurrentNoise noise, ref SweepArguments sweep, int rows)
    {
        nint padded = sweep.Layout.PaddedUnits;
        SweepNoise made = default;
        made.Draws = noise;
        made.CandidateMask = noise.Draws && noise.CandidateDropout > 0 ? Drawn(tape, rows, padded) : UnitRows.Constant(OneRow.Floats);
        made.CarryHold = noise.CarryHold > 0 ? Held(tape, noise.CarryHold, noise.Draws, rows, padded) : UnitRows.Constant(ZeroRow.Floats);
        if (noise.StateHold > 0) made.StateHold = Held(tape, noise.StateHold, noise.Draws, rows, padded);
        made.FirstCandidateMask = made.CandidateMask.Values;
        made.FirstCarryHold = made.CarryHold.Values;
        made.FirstStateHold = made.StateHold.Values;
        if (noise.Draws && noise.StateDropout > 0)
        {
            made.StateMask = UnitRows.Of(tape.Scratch(sweep.Sequence.Batch * padded), padded);
            made.MaskedStates = tape.Scratch(sweep.Sequence.Rows * padded);
            if (sweep.InitialState != null) made.MaskedInitialStates = tape.Scratch(sweep.Sequence.Batch * padded);
            made.DrawStateMasks(in sweep);
        }
        sweep.Noise = made;
    }

    private static UnitRows Drawn(Tape tape, int rows, nint padded) => UnitRows.Of(tape.Scratch(rows * padded), padded);

    /// <summary>Which share of an old state is held: drawn, or the same everywhere.</summary>
    private static UnitRows Held(Tape tape, float share, bool draws, int rows, nint padded) =>
        draws ? Drawn(tape, rows, padded) : UnitRows.Constant(NoiseMemory.Constant(share, tape.Scratch(PanelLayout.GroupSize)));
}
