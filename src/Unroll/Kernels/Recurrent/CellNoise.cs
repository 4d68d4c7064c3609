namespace Unroll.Kernels.Recurrent;

/// <summary>Numbers for each unit of many rows: of row r and block j at <c>Values + r · RowStride + j · BlockStride</c>, 16 side by side.</summary>
internal unsafe struct UnitRows
{
    public float* Values;
    public nint RowStride, BlockStride;

    /// <summary>Rows that all are these 16 numbers.</summary>
    public static UnitRows Constant(float* values) => new() { Values = values };

    /// <summary>Row-major rows.</summary>
    public static UnitRows Of(float* values, nint width) => new() { Values = values, RowStride = width, BlockStride = Layouts.PanelLayout.GroupSize };

    public readonly float* At(nint row, int block) => Values + row * RowStride + block * BlockStride;
}

/// <summary>What regularisation does to some rows of 16 units; pointers are the first row's, as in <see cref="CellBlock"/>.</summary>
internal unsafe struct CellNoise
{
    /// <summary>What the candidate is multiplied by, and which share of the cell state stays what it was. Always there for a general kernel.</summary>
    public float* CandidateMask, CarryHold;

    /// <summary>Which share of the hidden state stays what it was; null for none.</summary>
    public float* StateHold;

    /// <summary>What the recurrent weights see the state multiplied by, and forward where that product is put; null where they see it as it is.</summary>
    public float* StateMask, MaskedState;

    /// <summary>The gradient that the hidden state gets from its held share one step later; null for none.</summary>
    public float* HeldGradient;

    /// <summary>Floats from one row to the next.</summary>
    public nint CandidateMaskStride, CarryHoldStride, StateHoldStride, StateMaskStride, MaskedStateStride, HeldGradientStride;

    /// <summary>Goes on by some rows.</summary>
    public void Advance(int rows)
    {
        CandidateMask += rows * CandidateMaskStride;
        CarryHold += rows * CarryHoldStride;
        // What is not there stays away.
        if (StateHold != null) StateHold += rows * StateHoldStride;
        if (StateMask != null) StateMask += rows * StateMaskStride;
        if (MaskedState != null) MaskedState += rows * MaskedStateStride;
        if (HeldGradient != null) HeldGradient += rows * HeldGradientStride;
    }
}
