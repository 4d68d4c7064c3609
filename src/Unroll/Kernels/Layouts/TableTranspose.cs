using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Layouts;

/// <summary>Between a row-major table [V, U] and the panels of its transpose [U, V]. Threads share the groups of 16 ids.</summary>
internal static unsafe class TableTranspose
{
    /// <summary>panels = tableᵀ; padding is left alone.</summary>
    public static void ToPanels(float* table, PanelLayout panels, float* storage) => Run(table, panels, storage, back: false);

    /// <summary>table += panelsᵀ.</summary>
    public static void AddBack(float* table, PanelLayout panels, float* storage) => Run(table, panels, storage, back: true);

    private static void Run(float* table, PanelLayout panels, float* storage, bool back) => ThreadTeam.Run(
        new Groups { Table = table, Panels = panels, Storage = storage, Back = back },
        TeamParts.For(panels.StorageLength * TeamKernel.OperationsOfElement));

    private struct Groups : ITeamWork
    {
        public float* Table, Storage;
        public PanelLayout Panels;
        public bool Back;

        public readonly void Part(int part, int parts)
        {
            int units = Panels.Rows, groups = Panels.PaddedUnits / PanelLayout.GroupSize;
            (int first, int end) = TeamParts.Range(part, parts, groups, 1);
            for (int group = first; group < end; group++)
            {
                // Without gates, groups of all panels lie one after the other.
                float* run = Storage + (nint)group * Panels.GroupStride;
                int ids = Math.Min(PanelLayout.GroupSize, Panels.Units - group * PanelLayout.GroupSize);
                for (int id = 0; id < ids; id++)
                {
                    float* row = Table + (nint)(group * PanelLayout.GroupSize + id) * units;
                    if (Back)
                        for (int u = 0; u < units; u++) row[u] += run[u * PanelLayout.GroupSize + id];
                    else
                        for (int u = 0; u < units; u++) run[u * PanelLayout.GroupSize + id] = row[u];
                }
            }
        }
    }
}
