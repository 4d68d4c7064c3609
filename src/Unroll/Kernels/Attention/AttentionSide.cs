using Unroll.Kernels.Sequences;

namespace Unroll.Kernels.Attention;

/// <summary>Queries, keys, values or output of attention as they lie in memory: [rows, heads · <see cref="Width"/>].</summary>
internal unsafe struct AttentionSide
{
    public float* Values;

    /// <summary>Null where nobody needs it; written instead of added to where <see cref="IsFirst"/>.</summary>
    public float* Gradient;

    public bool IsFirst;

    /// <summary>Where the steps of each sequence lie.</summary>
    public SequenceRows Rows;

    /// <summary>Columns of one head.</summary>
    public int Width;

    /// <summary>Floats from row to row.</summary>
    public int RowStride;

    /// <summary>Where a head's columns begin at a step of the sequence at a place.</summary>
    public readonly nint At(int place, int step, int head) => (nint)Rows.Row(place, step) * RowStride + head * Width;
}
