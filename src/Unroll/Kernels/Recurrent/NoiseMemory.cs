using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Recurrent;

/// <summary>The constant rows of regularisation that is not drawn.</summary>
internal static unsafe class NoiseMemory
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>What a step has where nothing is drawn: no mask, and of the old state the share that is held on average.</summary>
    /// <param name="stateHold">The share of the hidden state.</param>
    /// <param name="carryHold">The share of the cell state.</param>
    /// <param name="room">32 floats.</param>
    public static CellNoise Expectations(float stateHold, float carryHold, float* room) => new()
    {
        CandidateMask = OneRow.Floats,
        CarryHold = Constant(carryHold, room),
        StateHold = stateHold == 0 ? null : Constant(stateHold, room + Size),
    };

    /// <summary>Sixteen times a number.</summary>
    public static float* Constant(float value, float* room)
    {
        new Span<float>(room, Size).Fill(value);
        return room;
    }
}
