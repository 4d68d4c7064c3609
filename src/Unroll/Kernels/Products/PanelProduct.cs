using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Products;

/// <summary>
/// The left operand of a product: row r has <see cref="Segments"/> runs of <see cref="Length"/> contiguous floats,
/// <see cref="SegmentStride"/> apart. One run for a row-major matrix; one a panel for panel-major gates.
/// </summary>
internal unsafe struct ProductSource
{
    public float* Values;
    public nint RowStride;
    public nint Length, Segments, SegmentStride;

    /// <summary>A row-major matrix.</summary>
    public static ProductSource RowMajor(float* values, nint rowStride, nint length) =>
        new() { Values = values, RowStride = rowStride, Length = length, Segments = 1 };
}

/// <summary>Where a product goes: row-major.</summary>
internal unsafe struct ProductTarget
{
    public float* Values;
    public nint RowStride;

    /// <summary>Whether the sum starts from what the target holds, instead of from the bias.</summary>
    public bool Accumulate;
}

/// <summary>Y = X · W + bias for many rows: W in panels, X and Y row-major.</summary>
internal static unsafe class PanelProduct
{
    private const int GroupSize = PanelLayout.GroupSize;
    private const int PanelWidth = PanelLayout.WideGroups * GroupSize;

    /// <summary>Floats of the source that are multiplied with all panels before the next come: a quarter of a megabyte.</summary>
    private const int BlockFloats = 1 << 16;

    /// <summary>What a product needs to know; <see cref="Bias"/> is in W's storage order, or null for zeros.</summary>
    public struct Arguments
    {
        public ProductSource Source;
        public int Rows;
        public PanelLayout Layout;
        public float* Weights;
        public float* Bias;
        public ProductTarget Target;

        /// <summary>The k-row of W where the source's first column multiplies; 0 for the whole matrix.</summary>
        public int FirstReduction;

        internal int Part, Parts; // whose share
    }

    /// <summary>Computes the product at the current vector width, on as many threads as it is worth.</summary>
    public static void Run(in Arguments arguments)
    {
        double operations = 2.0 * arguments.Rows * arguments.Source.Length * arguments.Source.Segments * arguments.Layout.StoredColumns;
        ThreadTeam.Run(new Work { Arguments = arguments }, TeamParts.For(operations));
    }

    private struct Work : ITeamWork, ISimdKernel<Arguments>
    {
        public Arguments Arguments;

        public readonly void Part(int part, int parts)
        {
            Arguments mine = Arguments;
            (mine.Part, mine.Parts) = (part, parts);
            SimdWidth.Run<Work, Arguments>(in mine);
        }

        public static void Run<TSimd, TVector>(in Arguments arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => Share<TSimd, TVector>(in arguments, arguments.Part, arguments.Parts);
    }

    /// <summary>One thread's part of a product: some of the rows, or some of the panels where rows are few.</summary>
    public static void Share<TSimd, TVector>(in Arguments arguments, int part, int parts)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        Arguments mine = arguments;
        PanelLayout layout = mine.Layout;
        (int firstPanel, int endPanel) = (0, layout.PanelCount);
        if (mine.Rows >= parts * 2 * ProductTile.MaximumRows)
        {
            (int first, int end) = TeamParts.Range(part, parts, mine.Rows, ProductTile.MaximumRows);
            mine.Source.Values += first * mine.Source.RowStride;
            mine.Target.Values += first * mine.Target.RowStride;
            mine.Rows = end - first;
        }
        else
        {
            (firstPanel, endPanel) = TeamParts.Range(part, parts, layout.PanelCount, 1);
        }
        // Rows that stay in the second-level cache while all panels go by.
        int tiles = (int)(BlockFloats / (ProductTile.MaximumRows * Math.Max(mine.Source.Length * mine.Source.Segments, 1)));
        int rows = mine.Rows, together = Math.Max(tiles, 1) * ProductTile.MaximumRows;
        for (int first = 0; first < rows; first += together)
        {
            mine.Rows = Math.Min(together, rows - first);
            for (int panel = firstPanel; panel < endPanel; panel++)
            {
                if (NeedsBlock(layout, panel)) PartialPanel<TSimd, TVector>(in mine, panel);
                else WholePanel<TSimd, TVector>(in mine, panel);
            }
            mine.Source.Values += mine.Rows * mine.Source.RowStride;
            mine.Target.Values += mine.Rows * mine.Target.RowStride;
        }
    }

    /// <summary>Whether a panel's groups are not whole groups of a row-major target at one distance: padded columns, or gates in a circle.</summary>
    private static bool NeedsBlock(PanelLayout layout, int panel) =>
        layout.ValidIn(panel, layout.GroupsIn(panel) - 1) < GroupSize || layout.StartsAtLaterGate;

    private static TileOperands Operands(in Arguments arguments, int panel)
    {
        PanelLayout layout = arguments.Layout;
        ref readonly ProductSource source = ref arguments.Source;
        bool hasBias = arguments.Bias != null;
        return new TileOperands
        {
            A = source.Values,
            ARowStride = source.RowStride,
            AStep = 1,
            ASegmentStride = source.SegmentStride,
            K = source.Length,
            Segments = source.Segments,
            W = arguments.Weights + layout.PanelOffset(panel) + (nint)arguments.FirstReduction * GroupSize,
            WGroupStride = layout.GroupStride,
            WSegmentStride = source.Length * GroupSize,
            Initial = hasBias ? arguments.Bias + (long)panel * layout.GroupsPerPanel * GroupSize : ZeroRow.Floats,
            InitialGroupStride = hasBias ? GroupSize : 0,
        };
    }

    private static void WholePanel<TSimd, TVector>(in Arguments arguments, int panel)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PanelLayout layout = arguments.Layout;
        int groups = layout.GroupsIn(panel);
        TileOperands tile = Operands(in arguments, panel);
        tile.C = arguments.Target.Values + layout.ColumnOf(panel, 0);
        tile.CRowStride = arguments.Target.RowStride;
        tile.CGroupStride = layout.Gates == 1 ? GroupSize : layout.Units;
        if (arguments.Target.Accumulate)
        {
            tile.InitialRowStride = tile.CRowStride;
            tile.InitialGroupStride = tile.CGroupStride;
        }
        var tiles = new RowTiles(arguments.Rows, ProductTile.MaximumRows);
        for (int i = 0; i < tiles.Count; i++)
        {
            if (arguments.Target.Accumulate) tile.Initial = tile.C;
            int rows = tiles.SizeOf(i);
            ProductTile.Run<TSimd, TVector>(in tile, rows, groups);
            tile.A += rows * tile.ARowStride;
            tile.C += rows * tile.CRowStride;
        }
    }

    /// <summary>A panel that a row-major target cannot take as it lies: by way of a block on the stack.</summary>
    private static void PartialPanel<TSimd, TVector>(in Arguments arguments, int panel)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PanelLayout layout = arguments.Layout;
        int groups = layout.GroupsIn(panel);
        float* block = stackalloc float[6 * PanelWidth];
        TileOperands tile = Operands(in arguments, panel);
        tile.C = block;
        tile.CRowStride = PanelWidth;
        tile.CGroupStride = GroupSize;
        if (arguments.Target.Accumulate)
        {
            tile.Initial = block;
            tile.InitialRowStride = PanelWidth;
            tile.InitialGroupStride = GroupSize;
        }
        float* target = arguments.Target.Values;
        var tiles = new RowTiles(arguments.Rows, ProductTile.MaximumRows);
        for (int i = 0; i < tiles.Count; i++)
        {
            int rows = tiles.SizeOf(i);
            if (arguments.Target.Accumulate)
            {
                new Span<float>(block, rows * PanelWidth).Clear();
                CopyBlock(layout, panel, rows, target, arguments.Target.RowStride, block, toTarget: false);
            }
            ProductTile.Run<TSimd, TVector>(in tile, rows, groups);
            CopyBlock(layout, panel, rows, target, arguments.Target.RowStride, block, toTarget: true);
            tile.A += rows * tile.ARowStride;
            target += rows * arguments.Target.RowStride;
        }
    }

    private static void CopyBlock(PanelLayout layout, int panel, int rows, float* target, nint rowStride, float* block, bool toTarget)
    {
        for (int group = 0; group < layout.GroupsIn(panel); group++)
        {
            int column = layout.ColumnOf(panel, group), valid = layout.ValidIn(panel, group);
            for (int row = 0; row < rows; row++)
            {
                var outside = new Span<float>(target + row * rowStride + column, valid);
                var inside = new Span<float>(block + row * PanelWidth + group * GroupSize, valid);
                if (toTarget) inside.CopyTo(outside);
                else outside.CopyTo(inside);
            }
        }
    }
}
