using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Sequences;

/// <summary>Which step of its sequence each row in memory is.</summary>
internal static unsafe class RowPositions
{
    /// <summary>Sets the place on the time axis of each row, and tells the largest; −1 where there is no row.</summary>
    /// <param name="layout">How the rows lie; null for [B, T] dense.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="steps">T.</param>
    /// <param name="first">The place of each sequence's first step.</param>
    /// <param name="positions">[rows].</param>
    public static int Fill(SequenceLayout? layout, int rows, int steps, int first, int* positions)
    {
        int largest = -1;
        if (layout is null)
        {
            for (int row = 0; row < rows; row++) positions[row] = first + row % steps;
            return rows == 0 ? -1 : first + steps - 1;
        }
        for (int step = 0; step < layout.Steps; step++)
            for (int place = 0, count = layout.RowsAt(step), at = layout.Offset(step); place < count; place++)
            {
                positions[at + place] = first + layout.PlaceOf(step, place);
                largest = Math.Max(largest, positions[at + place]);
            }
        return largest;
    }
}
