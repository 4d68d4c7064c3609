using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Products;

/// <summary>Gathers the columns of one panel from a row-major matrix: rows of whole groups, padded with zeros.</summary>
internal static unsafe class PanelColumns
{
    /// <param name="layout">The panels that the matrix's columns belong to.</param>
    /// <param name="panel">Which panel.</param>
    /// <param name="matrix">Row-major [rows, layout.Columns].</param>
    /// <param name="rowStride">Floats from row to row of the matrix.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="packed">Room for rows · <paramref name="packedStride"/> floats.</param>
    /// <param name="packedStride">Floats from row to row of the result, at least 16 a group.</param>
    public static void Pack(PanelLayout layout, int panel, float* matrix, nint rowStride, int rows, float* packed, nint packedStride)
    {
        for (int group = 0; group < layout.GroupsIn(panel); group++)
        {
            int column = layout.ColumnOf(panel, group), valid = layout.ValidIn(panel, group);
            for (int row = 0; row < rows; row++)
            {
                var to = new Span<float>(packed + row * packedStride + group * PanelLayout.GroupSize, PanelLayout.GroupSize);
                new ReadOnlySpan<float>(matrix + row * rowStride + column, valid).CopyTo(to);
                to[valid..].Clear();
            }
        }
    }
}
