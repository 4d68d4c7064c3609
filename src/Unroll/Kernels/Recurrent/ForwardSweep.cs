using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The recurrence over time, written once for every cell (KERNELS.md 5): at each step, panel by panel, the product of the
/// previous states with the recurrent weights is added to what the input product left in the gates' buffer, and the cell's
/// epilogue runs on the tile while it is in cache.
/// </summary>
internal readonly unsafe struct ForwardSweep<TCell> : ISimdKernel<SweepArguments> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static void Run<TSimd, TVector>(in SweepArguments sweep)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int i = sweep.FirstStep; i < sweep.EndStep; i++)
        {
            int step = sweep.Reverse ? sweep.EndStep - 1 - (i - sweep.FirstStep) : i;
            int end = Math.Min(sweep.EndRow, sweep.Sequence.RowsAt(step));
            int past = Math.Clamp(sweep.RowsWithPast(step), sweep.FirstRow, Math.Max(end, sweep.FirstRow));
            Phase<TSimd, TVector>(in sweep, step, i, past, end, second: false);
            if (TCell.HasSecondPhase) Phase<TSimd, TVector>(in sweep, step, i, past, end, second: true);
        }
    }

    /// <summary>All panels of a step; odd steps visit them downwards, so that the weights used last are used first.</summary>
    private static void Phase<TSimd, TVector>(in SweepArguments sweep, int step, int order, int past, int end, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int panels = sweep.Layout.PanelCount;
        for (int p = 0; p < panels; p++)
        {
            int panel = (order & 1) == 0 ? p : panels - 1 - p;
            Rows<TSimd, TVector>(in sweep, step, panel, sweep.FirstRow, past, hasPast: true, second);
            Rows<TSimd, TVector>(in sweep, step, panel, past, end, hasPast: false, second);
        }
    }

    private static void Rows<TSimd, TVector>(in SweepArguments sweep, int step, int panel, int first, int end, bool hasPast, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (first >= end) return;
        PanelLayout layout = sweep.Layout;
        float* previous = sweep.PreviousStates(step, hasPast, out nint previousStride);
        int panelGroups = layout.GroupsIn(panel);
        int skipped = second ? TCell.RecurrentGroups : 0;
        int groups = layout.Gates == 1 ? panelGroups : second ? panelGroups - TCell.RecurrentGroups : TCell.RecurrentGroups;
        int row = sweep.Sequence.Offset(step) + first;
        float* gates = sweep.Gates + sweep.FirstBlockOf(panel) * sweep.GateBlockStride + row * sweep.GateRowStride
            + (TCell.RecurrentFirstGroup + skipped) * Size;
        float* left = second ? sweep.ResetStatesOf(step) + (nint)first * layout.PaddedUnits : previous + first * previousStride;
        var tile = new TileOperands
        {
            A = left,
            ARowStride = second ? layout.PaddedUnits : previousStride,
            AStep = 1,
            K = layout.Rows,
            Segments = 1,
            W = sweep.RecurrentWeights + layout.PanelOffset(panel) + skipped * layout.GroupStride,
            WGroupStride = layout.GroupStride,
            Initial = gates,
            InitialRowStride = sweep.GateRowStride,
            InitialGroupStride = Size,
            C = gates,
            CRowStride = sweep.GateRowStride,
            CGroupStride = Size,
        };
        var tiles = new RowTiles(end - first, ProductTile.MaximumRows);
        for (int i = 0, at = first; i < tiles.Count; i++)
        {
            int rows = tiles.SizeOf(i);
            if (previous != null) // zero initial states add nothing
            {
                ProductTile.Run<TSimd, TVector>(in tile, rows, groups);
                tile.A += rows * tile.ARowStride;
                tile.C += rows * tile.CRowStride;
                tile.Initial = tile.C;
            }
            ForwardEpilogue<TCell>.Run<TSimd, TVector>(in sweep, step, panel, at, rows, hasPast, second);
            at += rows;
        }
    }
}
