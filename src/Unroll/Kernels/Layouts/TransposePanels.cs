namespace Unroll.Kernels.Layouts;

/// <summary>
/// Writes the transpose of a panel matrix as a wide panel matrix: reduction over the stored columns in storage order
/// (panel, group, unit), output over the K rows. Backward products read it: dX = dY · Wᵀ.
/// </summary>
internal static unsafe class TransposePanels
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>The layout of the transpose.</summary>
    public static PanelLayout LayoutOf(PanelLayout source) => new(source.StoredColumns, 1, source.Rows);

    /// <summary>Transposes. <paramref name="target"/> is <see cref="LayoutOf"/>, given so that a step of training makes none.</summary>
    public static void Run(PanelLayout source, PanelLayout target, float* from, float* to)
    {
        int rows = source.Rows;
        for (int panel = 0; panel < source.PanelCount; panel++)
        {
            int groups = source.GroupsIn(panel);
            int stride = groups * Size;
            float* panelStart = from + source.PanelOffset(panel);
            for (int group = 0; group < groups; group++)
            {
                int reduction = (panel * source.GroupsPerPanel + group) * Size;
                for (int row = 0; row < rows; row += Size)
                    Block(panelStart + (long)row * stride + group * Size, stride, target, to, reduction, row, Math.Min(Size, rows - row));
            }
        }
    }

    /// <summary>One block of 16 stored columns by up to 16 rows; what is past the last row becomes zero.</summary>
    private static void Block(float* from, int stride, PanelLayout target, float* to, int reduction, int row, int count)
    {
        int panel = row / (Size * PanelLayout.WideGroups);
        int group = row / Size % PanelLayout.WideGroups;
        int targetStride = target.GroupsIn(panel) * Size;
        float* destination = to + target.PanelOffset(panel) + (long)reduction * targetStride + group * Size;
        for (int column = 0; column < Size; column++, destination += targetStride)
        {
            for (int k = 0; k < count; k++) destination[k] = from[(long)k * stride + column];
            for (int k = count; k < Size; k++) destination[k] = 0;
        }
    }
}
