using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;

namespace Unroll.Kernels.Streaming;

/// <summary>The memory of one layer for one step of one sequence. States and gates are padded to blocks of 16 units.</summary>
internal unsafe struct RecurrentStepArguments
{
    private const int Size = PanelLayout.GroupSize;

    public StreamMatrix Input, Recurrent;

    /// <summary>The input, and the state before, as the product reads them.</summary>
    public float* X, PreviousOperand;

    /// <summary>The biases, and the gates, both with the groups that the cell stores for a block.</summary>
    public float* Initial, Gates;

    public float* PreviousState, State, Carry, ResetState, UnitWeights;

    /// <summary>Whether the state before may differ from zero.</summary>
    public bool HasPast;

    /// <summary>Whether the blocks are visited downwards: every other step, so that the weights used last are used first.</summary>
    public bool Descending;

    /// <summary>What differs from the cell's usual form.</summary>
    public CellOptions Options;

    /// <summary>The expectations of regularisation, the same for all units.</summary>
    public CellNoise Noise;

    public int Blocks;

    /// <summary>A thread's share.</summary>
    public int FirstBlock, EndBlock;

    /// <summary>Some blocks' units for the cell's arithmetic after the products.</summary>
    public readonly CellBlock Units(int first, int end, int storedGroups, int unitWeightGroups) => new()
    {
        Gates = Gates + first * storedGroups * Size,
        PreviousCarry = Carry + first * Size,
        Carry = Carry + first * Size,
        PreviousState = PreviousState + first * Size,
        State = State + first * Size,
        ResetState = ResetState + first * Size,
        UnitWeights = UnitWeights + first * unitWeightGroups * Size,
        GateStride = storedGroups * Size,
        PreviousCarryStride = Size,
        CarryStride = Size,
        PreviousStateStride = Size,
        StateStride = Size,
        ResetStateStride = Size,
        UnitWeightStride = unitWeightGroups * Size,
        Rows = end - first,
        Options = Options,
        Noise = Noise,
    };
}
