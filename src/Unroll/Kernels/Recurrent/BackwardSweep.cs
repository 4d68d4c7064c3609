using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Backpropagation through time, written once for every cell (KERNELS.md 6): from the last step visited to the first, the
/// gradient of the states is the output's plus what comes back through the recurrent weights; the cell's epilogue turns the
/// activated gates into the gradients of their pre-activations in place.
/// </summary>
internal static unsafe class BackwardSweep<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;
    private const int TileWidth = PanelLayout.WideGroups * Size;

    /// <summary>Above this many floats of the transposed weights a span takes one group, so that it stays in the second-level cache for all rows.</summary>
    private const int LargeSpan = 1 << 16;

    public static void Run<TSimd, TVector>(in SweepArguments sweep)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int i = sweep.EndStep - 1; i >= sweep.FirstStep; i--)
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

    /// <summary>Rows differ by whether a later step sends a gradient back and by whether an earlier one left a state.</summary>
    private static void Phase<TSimd, TVector>(in SweepArguments sweep, int step, int order, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int end = Math.Min(sweep.EndRow, sweep.Sequence.RowsAt(step));
        if (end <= sweep.FirstRow) return;
        int past = Math.Clamp(sweep.RowsWithPast(step), sweep.FirstRow, end);
        int future = Math.Clamp(sweep.RowsWithFuture(step), sweep.FirstRow, end);
        int middle = Math.Min(past, future), upper = Math.Max(past, future);
        if (middle > sweep.FirstRow) Rows<TSimd, TVector>(in sweep, new StepRows(in sweep, step, sweep.FirstRow, middle, hasPast: true, second), order, hasFuture: true);
        if (upper > middle) Rows<TSimd, TVector>(in sweep, new StepRows(in sweep, step, middle, upper, hasPast: past > future, second), order, hasFuture: future > past);
        if (end > upper) Rows<TSimd, TVector>(in sweep, new StepRows(in sweep, step, upper, end, hasPast: false, second), order, hasFuture: false);
    }

    private static void Rows<TSimd, TVector>(in SweepArguments sweep, in StepRows rows, int order, bool hasFuture)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        bool few = rows.Count <= SweepArguments.FewRows;
        int blocks = sweep.EndBlock - sweep.FirstBlock;
        // Few rows keep the gradient of all blocks, a tile that of its own.
        nint stride = few ? blocks * Size : TileWidth;
        float* gradients = Workspace.Floats(Workspace.Slot.StateGradients, (few ? SweepArguments.FewRows : TCell.RowsAtOnce) * stride);
        int after = sweep.Reverse ? rows.Step - 1 : rows.Step + 1;
        bool fromAfter = !rows.Second && hasFuture;
        // The recurrent weights saw masked states: what comes back through them is masked before the output's gradient joins it.
        bool masked = TCell.IsGeneral && fromAfter && sweep.Noise.StateMask.Values != null;
        // Where no product comes to it, the output's gradient is read where it lies, by a cell that leaves it as it is.
        bool asItLies = TCell.RecurrentGroups == 0 && !few && !masked && sweep.OutputGradient != null && (hasFuture || sweep.FinalStateGradient == null)
            && sweep.Noise.StateHold.Values == null && sweep.Units % Size == 0;
        nint offset = fromAfter ? sweep.Sequence.Offset(after) : rows.Offset;
        float* operand = (fromAfter ? sweep.GatesAt(after) : sweep.Gates) + FirstGroup(rows.Second) * Size;
        int wide = sweep.TransposedLayout.GroupStride * PanelLayout.WideGroups > LargeSpan ? 1 : PanelLayout.WideGroups;
        int spans = (blocks + wide - 1) / wide;
        for (int s = 0; s < spans; s++)
        {
            int j = sweep.FirstBlock + wide * ((order & 1) == 0 ? s : spans - 1 - s);
            int groups = Math.Min(wide, sweep.EndBlock - j);
            float* target = few ? gradients + (j - sweep.FirstBlock) * Size : gradients;
            TileOperands tile = Product(in sweep, j, target, stride, rows.Second);
            var tiles = new RowTiles(rows.Count, TCell.RowsAtOnce);
            for (int i = 0, row = rows.First; i < tiles.Count; i++)
            {
                int count = tiles.SizeOf(i);
                if (asItLies)
                {
                    float* output = sweep.OutputGradient + (rows.Offset + row) * sweep.OutputStride + j * Size;
                    for (int b = 0; b < groups; b++)
                        BackwardEpilogue<TCell>.Block<TSimd, TVector>(in sweep, in rows, j + b, row, count, output + b * Size, sweep.OutputStride);
                    row += count;
                    continue;
                }
                if (masked)
                {
                    for (int r = 0; r < count; r++) new Span<float>(target + r * stride, groups * Size).Clear();
                }
                else
                {
                    Load(in sweep, in rows, j, groups, row, count, !hasFuture, target, stride, adds: false);
                }
                if (TCell.RecurrentGroups > 0 && (rows.Second || hasFuture))
                {
                    tile.A = operand + (offset + row) * sweep.GateRowStride;
                    ProductTile.Run<TSimd, TVector>(in tile, count, groups);
                }
                if (masked)
                {
                    UnitRows mask = sweep.Noise.StateMask;
                    for (int b = 0; b < groups; b++)
                        CellStages<TCell>.Multiply<TSimd, TVector>(target + b * Size, stride, mask.At(row, j + b), mask.RowStride, target + b * Size, stride, count);
                    Load(in sweep, in rows, j, groups, row, count, !hasFuture, target, stride, adds: true);
                }
                if (!few)
                {
                    for (int b = 0; b < groups; b++)
                        BackwardEpilogue<TCell>.Block<TSimd, TVector>(in sweep, in rows, j + b, row, count, target + b * Size, stride);
                }
                row += count;
            }
        }
        if (!few) return;
        for (int row = rows.First; row < rows.End; row++)
            BackwardEpilogue<TCell>.Row<TSimd, TVector>(in sweep, in rows, row, gradients + (row - rows.First) * stride);
    }

    /// <summary>Gates' gradients times the transposed recurrent weights of block <paramref name="j"/> and those beside it, onto <paramref name="target"/>.</summary>
    private static TileOperands Product(in SweepArguments sweep, int j, float* target, nint stride, bool second)
    {
        int panelRows = sweep.Layout.Gates * Size, skipped = second ? TCell.RecurrentGroups * Size : 0;
        // Gates that lie side by side are one run; a GRU's buffer holds a group between them that has no part in this product.
        bool oneRun = TCell.StoredGroups == TCell.RecurrentGroups;
        return new TileOperands
        {
            ARowStride = sweep.GateRowStride,
            AStep = 1,
            ASegmentStride = sweep.GateBlockStride,
            K = oneRun ? sweep.TransposedLayout.Rows : second ? panelRows - skipped : TCell.RecurrentGroups * Size,
            Segments = oneRun ? 1 : sweep.BlockCount,
            W = sweep.TransposedWeights + (nint)j * sweep.TransposedLayout.GroupStride + skipped * Size,
            WGroupStride = sweep.TransposedLayout.GroupStride,
            WSegmentStride = (nint)panelRows * Size,
            Initial = target,
            InitialRowStride = stride,
            InitialGroupStride = Size,
            C = target,
            CRowStride = stride,
            CGroupStride = Size,
        };
    }

    private static int FirstGroup(bool second) => TCell.RecurrentFirstGroup + (second ? TCell.RecurrentGroups : 0);

    /// <summary>Writes or adds the output's gradient, and at a sequence's last step the final state's, padded with zeros; zeros for the second phase.</summary>
    private static void Load(in SweepArguments sweep, in StepRows rows, int j, int groups, int first, int count, bool isLast, float* gradients, nint stride, bool adds)
    {
        int unit = j * Size, width = groups * Size, valid = Math.Min(width, sweep.Units - unit);
        for (int row = first; row < first + count; row++, gradients += stride)
        {
            var target = new Span<float>(gradients, width);
            float* output = rows.Second || sweep.OutputGradient == null ? null : sweep.OutputGradient + (rows.Offset + row) * sweep.OutputStride + unit;
            if (adds)
            {
                for (int u = 0; u < valid && output != null; u++) target[u] += output[u];
            }
            else if (output == null)
            {
                target.Clear();
            }
            else
            {
                new ReadOnlySpan<float>(output, valid).CopyTo(target);
                target[valid..].Clear();
            }
            if (rows.Second || !isLast || sweep.FinalStateGradient == null) continue;
            float* final = sweep.FinalStateGradient + (nint)row * sweep.Units + unit;
            for (int u = 0; u < valid; u++) target[u] += final[u];
        }
    }

    /// <summary>
    /// What the first step of each sequence sends back to its initial hidden state: for the sequences whose first step visited
    /// is one of the sweep's steps, some of them a member's.
    /// </summary>
    public static void InitialStates<TSimd, TVector>(in SweepArguments sweep, TeamMember member)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gradients = stackalloc float[Size];
        (int firstRow, int endRow) = TeamParts.Range(member.Part, member.Parts, sweep.Sequence.Batch, 1);
        for (int row = firstRow; row < endRow; row++)
        {
            int length = sweep.Sequence.Lengths[sweep.Sequence.Order[row]], first = sweep.Reverse ? length - 1 : 0;
            if (length == 0 || first < sweep.FirstStep || first >= sweep.EndStep) continue;
            for (int j = 0; j < sweep.BlockCount; j++)
            {
                new Span<float>(gradients, Size).Clear();
                if (TCell.RecurrentGroups > 0)
                {
                    TileOperands tile = Product(in sweep, j, gradients, Size, second: false);
                    tile.A = sweep.Gates + FirstGroup(second: false) * Size + (sweep.Sequence.Offset(first) + row) * sweep.GateRowStride;
                    ProductTile.Run<TSimd, TVector>(in tile, 1, 1);
                }
                AddInitialState(in sweep, row, j, gradients);
            }
        }
    }

    private static void AddInitialState(in SweepArguments sweep, int row, int j, float* gradients)
    {
        int unit = j * Size, valid = Math.Min(Size, sweep.Units - unit);
        float* target = sweep.InitialStateGradient + (nint)row * sweep.Units + unit;
        for (int u = 0; u < valid; u++)
        {
            target[u] += sweep.Noise.StateMask.Values == null ? gradients[u] : gradients[u] * sweep.Noise.StateMask.At(row, j)[u];
            if (sweep.Noise.HeldGradient != null) target[u] += sweep.Noise.HeldGradient[j * sweep.Noise.HeldGradientBlockStride + row * Size + u];
            if (!TCell.HasCarry) target[u] += sweep.CarryGradient[j * sweep.CarryGradientBlockStride + row * Size + u];
        }
    }
}
