using Unroll.Basics;
using Unroll.Kernels.Layouts;

namespace Unroll.Tensors;

/// <summary>The memory behind a <see cref="Tensor"/>: values, gradient, shape. Recycled by the tape that owns it.</summary>
internal sealed unsafe class TensorBuffer
{
    /// <summary>The tape that made it and will recycle it; null for a tensor that a user made.</summary>
    public object? Owner;

    public float* Values;
    public float* Gradients;

    /// <summary>The memory of values and gradient where no tape owns it.</summary>
    public NativeBlock? ValueBlock, GradientBlock;

    public Shape Shape;

    /// <summary>Non-null when the rows are packed by time; the shape is then [B, T, …] and rows of padding do not exist.</summary>
    public SequenceLayout? Layout;

    /// <summary>Grows at every recycling, so that an old handle is noticed.</summary>
    public int Generation;

    /// <summary>Whether a backward pass wants the loss's gradient with respect to it.</summary>
    public bool NeedsGradient;

    /// <summary>Whether <see cref="Gradients"/> holds this pass's sums; false means zeros that were not written yet.</summary>
    public bool GradientStarted;

    /// <summary>The output head that this goes into, if it goes into one.</summary>
    public OutputMark Mark;

    /// <summary>The table that the rows come from, if they do.</summary>
    public TableLookup Lookup;

    /// <summary>The tensor of whose memory this shows a part, from a number on; none where it has memory of its own.</summary>
    public Tensor Whole;

    public long WholeOffset;

    /// <summary>Rows that exist: N where packed by time, the product of all axes but the last otherwise.</summary>
    public int Rows => Layout is null ? Shape.Rows : Layout.Rows * RowsPerStep;

    /// <summary>The last axis.</summary>
    public int Features => Shape.Rank == 0 || (Layout is not null && Shape.Rank == 2) ? 1 : Shape[Shape.Rank - 1];

    /// <summary>Floats that exist.</summary>
    public int Length => Rows * Features;

    private int RowsPerStep
    {
        get
        {
            int rows = 1;
            for (int i = 2; i < Shape.Rank - 1; i++) rows *= Shape[i];
            return rows;
        }
    }
}
