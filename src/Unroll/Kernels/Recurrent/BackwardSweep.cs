using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Backpropagation through time, written once for every cell (KERNELS.md 6): from the last step visited to the first, the
/// gradient of the states is the output's plus what comes back through the recurrent weights; the cell's epilogue turns the
/// activated gates into the gradients of their pre-activations in place.
/// </summary>
internal readonly unsafe struct BackwardSweep<TCell> : ISimdKernel<SweepArguments> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;
    private const int TileWidth = PanelLayout.WideGroups * Size;

    public static void Run<TSimd, TVector>(in SweepArguments sweep)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int i = sweep.EndStep - 1; i >= sweep.FirstStep; i--)
        {
            int step = sweep.Reverse ? sweep.EndStep - 1 - (i - sweep.FirstStep) : i;
            int end = Math.Min(sweep.EndRow, sweep.Sequence.RowsAt(step));
            if (sweep.FirstRow >= end) continue;
            Phase<TSimd, TVector>(in sweep, step, i, end, second: false);
            if (TCell.HasSecondPhase) Phase<TSimd, TVector>(in sweep, step, i, end, second: true);
        }
        if (sweep.InitialStateGradient != null) InitialStates<TSimd, TVector>(in sweep);
    }

    private static void Phase<TSimd, TVector>(in SweepArguments sweep, int step, int order, int end, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int past = Math.Clamp(sweep.RowsWithPast(step), sweep.FirstRow, end);
        int future = Math.Clamp(sweep.RowsWithFuture(step), sweep.FirstRow, end);
        int panels = sweep.TransposedLayout.PanelCount;
        for (int p = 0; p < panels; p++)
        {
            int panel = (order & 1) == 0 ? p : panels - 1 - p;
            // Rows differ by whether a later step sends a gradient back and by whether an earlier one left a state.
            int middle = Math.Min(past, future), upper = Math.Max(past, future);
            Rows<TSimd, TVector>(in sweep, step, panel, sweep.FirstRow, middle, true, true, second);
            Rows<TSimd, TVector>(in sweep, step, panel, middle, upper, past > future, future > past, second);
            Rows<TSimd, TVector>(in sweep, step, panel, upper, end, false, false, second);
        }
    }

    private static void Rows<TSimd, TVector>(
        in SweepArguments sweep, int step, int panel, int first, int end, bool hasPast, bool hasFuture, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (first >= end) return;
        float* gradients = stackalloc float[6 * TileWidth];
        int after = sweep.Reverse ? step - 1 : step + 1;
        TileOperands tile = ProductOf(in sweep, panel, gradients, second);
        var tiles = new RowTiles(end - first, ProductTile.MaximumRows);
        for (int i = 0, at = first; i < tiles.Count; i++)
        {
            int rows = tiles.SizeOf(i);
            if (second) new Span<float>(gradients, rows * TileWidth).Clear();
            else LoadOutputGradient(in sweep, step, panel, at, rows, !hasFuture, gradients);
            if (second || hasFuture)
            {
                int row = sweep.Sequence.Offset(second ? step : after) + at;
                tile.A = FirstOperand(in sweep, second) + row * sweep.GateRowStride;
                ProductTile.Run<TSimd, TVector>(in tile, rows, sweep.TransposedLayout.GroupsIn(panel));
            }
            BackwardEpilogue<TCell>.Run<TSimd, TVector>(in sweep, step, panel, at, rows, hasPast, second, gradients);
            at += rows;
        }
    }

    /// <summary>Gates' gradients times the transposed recurrent weights, onto <paramref name="target"/>.</summary>
    private static TileOperands ProductOf(in SweepArguments sweep, int panel, float* target, bool second)
    {
        bool wide = sweep.Layout.Gates == 1;
        int panelRows = wide ? sweep.Layout.PaddedUnits : sweep.Layout.Gates * Size;
        int skipped = second ? TCell.RecurrentGroups * Size : 0;
        return new TileOperands
        {
            ARowStride = sweep.GateRowStride,
            AStep = 1,
            ASegmentStride = sweep.GateBlockStride,
            K = wide ? sweep.Layout.PaddedUnits : second ? panelRows - skipped : TCell.RecurrentGroups * Size,
            Segments = wide ? 1 : sweep.BlockCount,
            W = sweep.TransposedWeights + sweep.TransposedLayout.PanelOffset(panel) + skipped * Size,
            WGroupStride = sweep.TransposedLayout.GroupStride,
            WSegmentStride = (nint)panelRows * Size,
            Initial = target,
            InitialRowStride = TileWidth,
            InitialGroupStride = Size,
            C = target,
            CRowStride = TileWidth,
            CGroupStride = Size,
        };
    }

    private static float* FirstOperand(in SweepArguments sweep, bool second) =>
        sweep.Gates + (TCell.RecurrentFirstGroup + (second ? TCell.RecurrentGroups : 0)) * Size;

    /// <summary>The output's gradient, and at a sequence's last step the final state's, padded with zeros.</summary>
    private static void LoadOutputGradient(in SweepArguments sweep, int step, int panel, int first, int rows, bool isLast, float* gradients)
    {
        int unit = panel * TileWidth, count = Math.Min(TileWidth, sweep.Units - unit);
        for (int r = 0; r < rows; r++)
        {
            var row = new Span<float>(gradients + r * TileWidth, TileWidth);
            if (sweep.OutputGradient == null) row.Clear();
            else
            {
                new ReadOnlySpan<float>(sweep.OutputGradient + (sweep.Sequence.Offset(step) + first + r) * sweep.OutputStride + unit, count).CopyTo(row);
                row[count..].Clear();
            }
            if (!isLast || sweep.FinalStateGradient == null) continue;
            float* final = sweep.FinalStateGradient + (nint)(first + r) * sweep.Units + unit;
            for (int u = 0; u < count; u++) row[u] += final[u];
        }
    }

    /// <summary>What the first step of each sequence sends back to its initial hidden state.</summary>
    private static void InitialStates<TSimd, TVector>(in SweepArguments sweep)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gradients = stackalloc float[TileWidth];
        for (int row = sweep.FirstRow; row < Math.Min(sweep.EndRow, sweep.Sequence.Batch); row++)
        {
            int length = sweep.Sequence.Lengths[sweep.Sequence.Order[row]];
            for (int panel = 0; panel < sweep.TransposedLayout.PanelCount; panel++)
            {
                new Span<float>(gradients, TileWidth).Clear();
                if (length > 0)
                {
                    TileOperands tile = ProductOf(in sweep, panel, gradients, second: false);
                    tile.A = FirstOperand(in sweep, second: false) + (sweep.Sequence.Offset(sweep.Reverse ? length - 1 : 0) + row) * sweep.GateRowStride;
                    ProductTile.Run<TSimd, TVector>(in tile, 1, sweep.TransposedLayout.GroupsIn(panel));
                }
                AddInitialState(in sweep, row, panel, gradients, length == 0);
            }
        }
    }

    private static void AddInitialState(in SweepArguments sweep, int row, int panel, float* gradients, bool isEmpty)
    {
        int unit = panel * TileWidth, count = Math.Min(TileWidth, sweep.Units - unit);
        float* target = sweep.InitialStateGradient + (nint)row * sweep.Units + unit;
        for (int u = 0; u < count; u++)
        {
            int j = (unit + u) / Size;
            target[u] += gradients[u];
            if (!TCell.HasCarry && sweep.CarryGradient != null) target[u] += sweep.CarryGradient[j * sweep.CarryGradientBlockStride + row * Size + (unit + u) % Size];
            // A sequence without steps hands its initial state on as its final one.
            if (isEmpty && sweep.FinalStateGradient != null) target[u] += sweep.FinalStateGradient[(nint)row * sweep.Units + unit + u];
        }
    }
}
