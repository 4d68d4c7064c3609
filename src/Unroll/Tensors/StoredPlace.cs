using Unroll.Kernels.Layouts;

namespace Unroll.Tensors;

/// <summary>Where in a batch a stored number lies.</summary>
/// <param name="Row">The sequence's or example's place in the batch.</param>
/// <param name="Step">The time step; null for a tensor without time.</param>
internal readonly record struct StoredPlace(int Row, int? Step)
{
    /// <summary>The place of a number of a tensor [B, …] or [B, T, …].</summary>
    /// <param name="tensor">The tensor; its second axis is time where it has three, or where <paramref name="hasTime"/>.</param>
    /// <param name="index">Which of its stored numbers.</param>
    /// <param name="hasTime">Whether two axes are batch and time.</param>
    public static StoredPlace Of(Tensor tensor, int index, bool hasTime = false)
    {
        Basics.Shape shape = tensor.Shape;
        if (tensor.Layout is { } layout)
        {
            int stored = (int)((long)index * layout.Rows / tensor.StoredLength), step = 0;
            while (layout.Offset(step + 1) <= stored) step++;
            int r = stored - layout.Offset(step);
            return new StoredPlace(layout.Order[r], layout.PlaceOf(step, r));
        }
        int perRow = shape.Rank == 0 ? 1 : tensor.StoredLength / shape[0], row = index / perRow;
        return new StoredPlace(row, shape.Rank > 2 || (hasTime && shape.Rank == 2) ? index % perRow / (perRow / shape[1]) : null);
    }

    /// <summary>For messages: <c>row 3, step 7</c>.</summary>
    public override string ToString() => FormattableString.Invariant(Step is { } step ? $"row {Row}, step {step}" : (FormattableString)$"row {Row}");
}
