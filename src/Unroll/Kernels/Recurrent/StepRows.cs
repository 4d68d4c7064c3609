namespace Unroll.Kernels.Recurrent;

/// <summary>The rows of one step that a sweep visits together: all have a step before them, or none has.</summary>
internal unsafe struct StepRows
{
    public int Step;

    /// <summary>The packed row where the step begins.</summary>
    public nint Offset;

    /// <summary>The first row of the step and the one after the last.</summary>
    public int First, End;

    /// <summary>Whether this is the cell's second phase.</summary>
    public bool Second;

    /// <summary>The hidden states before the step's rows, row-major; null for zeros.</summary>
    public float* PreviousStates;
    public nint PreviousStateStride;

    /// <summary>The same as the recurrent weights see them.</summary>
    public float* PreviousOperands;
    public nint PreviousOperandStride;

    /// <summary>The cell states before the step's rows, 16 floats a row, block after block; null for zeros.</summary>
    public float* PreviousCarries;
    public nint PreviousCarryBlockStride;

    public readonly int Count => End - First;

    public StepRows(in SweepArguments sweep, int step, int first, int end, bool hasPast, bool second)
    {
        Step = step;
        Offset = sweep.Sequence.Offset(step);
        First = first;
        End = end;
        Second = second;
        PreviousStates = sweep.PreviousStates(step, hasPast, out PreviousStateStride);
        PreviousOperands = sweep.PreviousOperands(step, hasPast, out PreviousOperandStride);
        PreviousCarries = sweep.PreviousCarries(step, hasPast, out PreviousCarryBlockStride);
    }
}
