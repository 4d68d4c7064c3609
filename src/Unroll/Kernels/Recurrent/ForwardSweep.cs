using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The recurrence over time, written once for every cell (KERNELS.md 5): at each step, block by block of 16 units, the
/// product of the previous states with the recurrent weights is added to what the input product left in the gates' buffer, and
/// the cell's epilogue runs on the tile while it is in cache.
/// </summary>
internal static unsafe class ForwardSweep<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static void Run<TSimd, TVector>(in SweepArguments sweep)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int i = sweep.FirstStep; i < sweep.EndStep; i++)
        {
            int step = sweep.Reverse ? sweep.EndStep - 1 - (i - sweep.FirstStep) : i;
            Phase<TSimd, TVector>(in sweep, step, i, second: false);
            if (TCell.HasSecondPhase)
            {
                sweep.StepMember.AwaitOthers();
                Phase<TSimd, TVector>(in sweep, step, i, second: true);
            }
            sweep.StepMember.AwaitOthers();
        }
    }

    private static void Phase<TSimd, TVector>(in SweepArguments sweep, int step, int order, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int end = Math.Min(sweep.EndRow, sweep.Sequence.RowsAt(step));
        if (end <= sweep.FirstRow) return;
        int past = Math.Clamp(sweep.RowsWithPast(step), sweep.FirstRow, end);
        if (past > sweep.FirstRow) Rows<TSimd, TVector>(in sweep, new StepRows(in sweep, step, sweep.FirstRow, past, hasPast: true, second), order);
        if (end > past) Rows<TSimd, TVector>(in sweep, new StepRows(in sweep, step, past, end, hasPast: false, second), order);
    }

    /// <summary>All blocks of a step; odd steps visit them downwards, so that the weights used last are used first.</summary>
    private static void Rows<TSimd, TVector>(in SweepArguments sweep, in StepRows rows, int order)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        bool few = rows.Count <= SweepArguments.FewRows;
        int wide = sweep.BlocksPerPanel, spans = (sweep.EndBlock - sweep.FirstBlock + wide - 1) / wide;
        for (int s = 0; s < spans; s++)
        {
            int j = sweep.FirstBlock + wide * ((order & 1) == 0 ? s : spans - 1 - s);
            int blocks = Math.Min(wide, sweep.EndBlock - j);
            TileOperands tile = Product(in sweep, in rows, j, out int groups);
            if (sweep.Layout.Gates == 1) groups = blocks;
            var tiles = new RowTiles(rows.Count, TCell.RowsAtOnce);
            for (int i = 0, row = rows.First; i < tiles.Count; i++)
            {
                int count = tiles.SizeOf(i);
                if (TCell.HasOwnRecurrentBias && !rows.Second) FillBias(in sweep, j, rows.Offset + row, count);
                if (TCell.RecurrentGroups > 0 && tile.A != null) // zero initial states add nothing
                {
                    ProductTile.Run<TSimd, TVector>(in tile, count, groups);
                    tile.A += count * tile.ARowStride;
                    tile.C += count * tile.CRowStride;
                    tile.Initial = tile.C;
                }
                if (!few)
                {
                    for (int b = j; b < j + blocks; b++) ForwardEpilogue<TCell>.Block<TSimd, TVector>(in sweep, in rows, b, row, count);
                }
                row += count;
            }
        }
        if (!few) return;
        for (int row = rows.First; row < rows.End; row++) ForwardEpilogue<TCell>.Row<TSimd, TVector>(in sweep, in rows, row);
    }

    /// <summary>The states before the step times the recurrent weights of block <paramref name="j"/> and those beside it, onto the gates.</summary>
    private static TileOperands Product(in SweepArguments sweep, in StepRows rows, int j, out int groups)
    {
        PanelLayout layout = sweep.Layout;
        int skipped = rows.Second ? TCell.RecurrentGroups : 0;
        groups = rows.Second ? layout.Gates - TCell.RecurrentGroups : TCell.RecurrentGroups;
        float* gates = sweep.Gates + j * sweep.GateBlockStride + (rows.Offset + rows.First) * sweep.GateRowStride
            + (TCell.RecurrentFirstGroup + skipped) * Size;
        float* left = rows.Second
            ? rows.PreviousStates == null ? null : sweep.ResetStatesOf(rows.Step) + (nint)rows.First * layout.PaddedUnits
            : rows.PreviousOperands == null ? null : rows.PreviousOperands + rows.First * rows.PreviousOperandStride;
        return new TileOperands
        {
            A = left,
            ARowStride = rows.Second ? layout.PaddedUnits : rows.PreviousOperandStride,
            AStep = 1,
            K = layout.Rows,
            Segments = 1,
            W = sweep.RecurrentWeights + ((nint)j * layout.Gates + skipped) * layout.GroupStride,
            WGroupStride = layout.GroupStride,
            Initial = gates,
            InitialRowStride = sweep.GateRowStride,
            InitialGroupStride = Size,
            C = gates,
            CRowStride = sweep.GateRowStride,
            CGroupStride = Size,
        };
    }

    /// <summary>The sum of a group that only the recurrent product fills starts from its own bias.</summary>
    private static void FillBias(in SweepArguments sweep, int j, nint row, int count)
    {
        var bias = new ReadOnlySpan<float>(sweep.RecurrentBias == null ? ZeroRow.Floats : sweep.RecurrentBias + j * sweep.Layout.Gates * Size, Size);
        float* to = sweep.Gates + j * sweep.GateBlockStride + row * sweep.GateRowStride + TCell.RecurrentFirstGroup * Size;
        for (; count > 0; count--, to += sweep.GateRowStride) bias.CopyTo(new Span<float>(to, Size));
    }
}
