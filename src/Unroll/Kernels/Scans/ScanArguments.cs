using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Scans;

/// <summary>The memory of a scan over rows packed by time. N rows in all, H units, S sums of a unit.</summary>
internal unsafe struct ScanArguments
{
    public SequenceLayout Sequence;

    /// <summary>Whether each sequence is read from its last step.</summary>
    public bool Reverse;

    /// <summary>H.</summary>
    public int Units;

    /// <summary>[N, S · H], sum after sum.</summary>
    public float* Sums;

    /// <summary>z [N, H], kept for the backward pass; null when there is none and one chain goes through time.</summary>
    public float* Shares;

    /// <summary>h [N, H].</summary>
    public float* Output;

    /// <summary>The state before the first step [B, H], sorted.</summary>
    public float* Initial;

    /// <summary>Backward: the gradient of <see cref="Output"/>, or null for zeros; and of <see cref="Sums"/>.</summary>
    public float* OutputGradient, SumsGradient;

    /// <summary>Backward: whether the sums' gradient is added to what is there.</summary>
    public bool Adds;

    /// <summary>Backward, [B, H], sorted: the gradient of the final state, which becomes that of the initial one.</summary>
    public float* StateGradient;

    /// <summary>
    /// Where time is cut in chunks, null elsewhere: for each chunk of a sequence (<see cref="ScanChunk.Place"/>) [H] its end when it begins
    /// with zeros, then what it begins with; and the product of what its steps keep.
    /// </summary>
    public float* Ends, Kept;

    /// <summary>With chunks: what each sequence's next chunk begins with [B, H], sorted; on the way back <see cref="StateGradient"/>.</summary>
    public float* Passed;

    internal int Part, Parts; // whose share

    /// <summary>The step that is the i-th read.</summary>
    public readonly int StepAt(int i) => Reverse ? Sequence.Steps - 1 - i : i;

    /// <summary>The state before step t of the sorted row r.</summary>
    public readonly float* Previous(int t, int r)
    {
        int before = Reverse ? t + 1 : t - 1;
        bool isFirst = before < 0 || before == Sequence.Steps || r >= Sequence.RowsAt(before);
        return isFirst ? Initial + (nint)r * Units : Output + (nint)(Sequence.Offset(before) + r) * Units;
    }
}
