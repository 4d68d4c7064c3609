using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Products;

/// <summary>
/// dW += Xᵀ · D and db += the column sums of D. Rows are reduced in blocks (<see cref="RowsOfBlock"/>) from the last block to the first,
/// ascending within a block, one chain of fused multiply-adds an element (KERNELS.md 6, 11): the order depends on the
/// shape alone. A block of X is packed once, and a group of 16 columns of D beside it, so that a tile's operands lie in the
/// first-level cache; dW is touched once a block.
/// </summary>
internal static unsafe class WeightGradient
{
    private const int GroupSize = PanelLayout.GroupSize;
    private const int PanelWidth = PanelLayout.WideGroups * GroupSize;
    private const int TileRows = ProductTile.MaximumRows;
    private const int RowsPackedTogether = 16;

    private const int LargeWeights = 1 << 21;

    /// <summary>
    /// Rows of a block. With 256, 16 columns of D and six of X stay in a first-level cache of 32 KB; weights that are themselves
    /// larger than a cache are better touched half as often.
    /// </summary>
    public static int RowsOfBlock(PanelLayout layout) => layout.StorageLength <= LargeWeights ? 256 : 512;

    /// <summary>What the gradient needs to know.</summary>
    public struct Arguments
    {
        /// <summary>For each reduction row a pointer to its K inputs; null for a row of zeros.</summary>
        public float** Inputs;
        public int Rows;

        /// <summary>The output's gradient: panel p at <c>Outputs + p · PanelStride</c> with its groups side by side; row-major logical columns where <see cref="PanelStride"/> is 0.</summary>
        public float* Outputs;
        public nint RowStride, PanelStride;

        /// <summary>The weights' layout, their gradient, and the bias's gradient in storage order or null.</summary>
        public PanelLayout Layout;
        public float* Weights;
        public float* Bias;

        /// <summary>Which gates of a panel take part, with D's groups lying from <see cref="Outputs"/> on; all where 0.</summary>
        public int FirstGroup, GroupCount;

        internal readonly int GroupsIn(int panel) => GroupCount == 0 ? Layout.GroupsIn(panel) : GroupCount;

        internal readonly int GroupsPerPanel => GroupCount == 0 ? Layout.GroupsPerPanel : GroupCount;

        internal readonly int TotalGroups => (Layout.PanelCount - 1) * GroupsPerPanel + GroupsIn(Layout.PanelCount - 1);

        internal int FirstInput, EndInput, FirstColumnGroup, EndColumnGroup; // a thread's share
        internal int BiasPart, BiasParts;
        internal int Part, Parts; // whose share
    }

    /// <summary>Adds the gradients at the current vector width, on as many threads as it is worth.</summary>
    public static void Run(in Arguments arguments)
    {
        double operations = 2.0 * arguments.Rows * arguments.Layout.Rows * arguments.TotalGroups * GroupSize;
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

    /// <summary>One thread's part of dW: some of its columns or some of its rows, whichever are more.</summary>
    public static void Share<TSimd, TVector>(in Arguments arguments, int part, int parts)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (arguments.Weights == null && arguments.Bias == null) return;
        Arguments mine = arguments;
        int k = mine.Layout.Rows, groups = mine.TotalGroups;
        (mine.FirstInput, mine.EndInput, mine.FirstColumnGroup, mine.EndColumnGroup) = (0, k, 0, groups);
        (mine.BiasPart, mine.BiasParts) = (0, 1);
        if (groups * GroupSize >= k)
        {
            (mine.FirstColumnGroup, mine.EndColumnGroup) = TeamParts.Range(part, parts, groups, 1);
        }
        else
        {
            (mine.FirstInput, mine.EndInput) = TeamParts.Range(part, parts, k, TileRows);
            (mine.BiasPart, mine.BiasParts) = (part, parts);
        }
        int size = RowsOfBlock(mine.Layout), blocks = (mine.Rows + size - 1) / size;
        for (int block = blocks - 1; block >= 0; block--)
        {
            int first = block * size;
            Block<TSimd, TVector>(in mine, first, Math.Min(size, mine.Rows - first));
        }
    }

    /// <summary>The pointers of <paramref name="rows"/> equally spaced rows, for <see cref="Arguments.Inputs"/>.</summary>
    public static float** RowPointers(float* first, nint stride, int rows)
    {
        float** pointers = Workspace.Pointers(Workspace.Slot.LeftPointers, rows);
        for (int r = 0; r < rows; r++) pointers[r] = first + r * stride;
        return pointers;
    }

    private static void Block<TSimd, TVector>(in Arguments arguments, int first, int rows)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int k = arguments.EndInput - arguments.FirstInput;
        float* inputs = null;
        if (arguments.Weights != null)
        {
            inputs = Workspace.Floats(Workspace.Slot.LeftRows, (long)(k + TileRows) * rows);
            PackInputs(arguments.Inputs + first, arguments.FirstInput, rows, k, inputs);
        }
        float* outputs = Workspace.Floats(Workspace.Slot.RightPanel, (long)rows * PanelWidth);
        int perPanel = arguments.GroupsPerPanel;
        for (int at = arguments.FirstColumnGroup; at < arguments.EndColumnGroup;)
        {
            int panel = at / perPanel, group = at % perPanel;
            int count = Math.Min(arguments.GroupsIn(panel) - group, arguments.EndColumnGroup - at);
            PackOutputs<TSimd, TVector>(in arguments, panel, group, count, first, rows, outputs);
            Groups<TSimd, TVector>(in arguments, panel, group, count, rows, inputs, outputs);
            at += count;
        }
    }

    /// <summary>Some groups of a panel, packed one after the other.</summary>
    private static void Groups<TSimd, TVector>(in Arguments arguments, int panel, int group, int count, int rows, float* inputs, float* outputs)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PanelLayout layout = arguments.Layout;
        int firstGroup = arguments.FirstGroup + group, k = arguments.EndInput - arguments.FirstInput;
        if (arguments.Bias != null)
        {
            float* bias = arguments.Bias + ((nint)panel * layout.GroupsPerPanel + firstGroup) * GroupSize;
            for (int g = 0; g < count; g++)
                if ((panel * layout.GroupsPerPanel + firstGroup + g) % arguments.BiasParts == arguments.BiasPart)
                    ColumnSums<TSimd, TVector>(outputs + (nint)g * rows * GroupSize, rows, bias + g * GroupSize);
        }
        if (arguments.Weights == null) return;
        var tile = new TileOperands
        {
            AStep = TileRows,
            ARowStride = 1,
            K = rows,
            Segments = 1,
            W = outputs,
            WGroupStride = (nint)rows * GroupSize,
            C = arguments.Weights + layout.PanelOffset(panel) + (nint)firstGroup * layout.GroupStride + (nint)arguments.FirstInput * GroupSize,
            CRowStride = GroupSize,
            CGroupStride = layout.GroupStride,
            InitialRowStride = GroupSize,
            InitialGroupStride = layout.GroupStride,
        };
        // Narrow vectors take a group at a time, so that it stays in the first-level cache for all tiles.
        int together = TSimd.Lanes == GroupSize ? count : 1;
        for (int g = 0; g < count; g += together)
        {
            TileOperands groups = tile;
            groups.W += g * tile.WGroupStride;
            groups.C += g * tile.CGroupStride;
            Columns<TSimd, TVector>(groups, inputs, rows, k, together);
        }
    }

    private static void Columns<TSimd, TVector>(TileOperands tile, float* inputs, int rows, int k, int groups)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int start = 0; start < k; start += TileRows)
        {
            tile.A = inputs + (nint)start * rows;
            tile.Initial = tile.C;
            ProductTile.Run<TSimd, TVector>(in tile, Math.Min(TileRows, k - start), groups);
            tile.C += TileRows * tile.CRowStride;
        }
    }

    /// <summary>
    /// Inputs as [k / 6][row][6], so that a tile reads six values that lie together. A few rows at a time: places of one row lie
    /// 6 · rows floats apart, which share a set or two of the first-level cache, and a line must be filled before it is pushed out.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackInputs(float** pointers, int firstInput, int rows, int k, float* packed)
    {
        for (int first = 0; first < rows; first += RowsPackedTogether)
        {
            int end = Math.Min(rows, first + RowsPackedTogether);
            for (int start = 0; start < k; start += TileRows)
            {
                float* destination = packed + ((nint)start * rows + first * TileRows);
                for (int row = first; row < end; row++, destination += TileRows)
                {
                    float* source = pointers[row] == null ? null : pointers[row] + firstInput + start;
                    if (source == null)
                    {
                        for (int i = 0; i < TileRows; i++) destination[i] = 0;
                    }
                    else if (start + TileRows <= k)
                    {
                        Unsafe.CopyBlockUnaligned(destination, source, TileRows * sizeof(float));
                    }
                    else
                    {
                        for (int i = 0; i < TileRows; i++) destination[i] = start + i < k ? source[i] : 0;
                    }
                }
            }
        }
    }

    /// <summary>Groups of D as [group][row][16], zero where a column is padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackOutputs<TSimd, TVector>(in Arguments arguments, int panel, int group, int count, int first, int rows, float* packed)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PanelLayout layout = arguments.Layout;
        bool inPanels = arguments.PanelStride != 0;
        nint stride = arguments.RowStride, groupSize = (nint)rows * GroupSize;
        float* firstRow = arguments.Outputs + first * stride;
        int whole = 0; // groups without padding whose columns lie side by side
        while (whole < count && (inPanels || (layout.ValidIn(panel, arguments.FirstGroup + group + whole) == GroupSize
            && layout.ColumnOf(panel, arguments.FirstGroup + group + whole) == layout.ColumnOf(panel, arguments.FirstGroup + group) + whole * GroupSize))) whole++;
        if (whole > 0)
        {
            float* from = firstRow + (inPanels ? panel * arguments.PanelStride + group * GroupSize : layout.ColumnOf(panel, arguments.FirstGroup + group));
            for (int row = 0; row < rows; row++, from += stride)
            {
                float* to = packed + (nint)row * GroupSize;
                for (int g = 0; g < whole; g++, to += groupSize)
                    for (int lane = 0; lane < GroupSize; lane += TSimd.Lanes) TSimd.Store(TSimd.Load(from + g * GroupSize + lane), to + lane);
            }
        }
        for (int g = whole; g < count; g++)
        {
            float* from = firstRow + layout.ColumnOf(panel, arguments.FirstGroup + group + g), to = packed + g * groupSize;
            int valid = layout.ValidIn(panel, arguments.FirstGroup + group + g);
            for (int row = 0; row < rows; row++, from += stride, to += GroupSize)
                for (int lane = 0; lane < GroupSize; lane++) to[lane] = lane < valid ? from[lane] : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnSums<TSimd, TVector>(float* packed, int rows, float* sums)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int lane = 0; lane < GroupSize; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Load(sums + lane);
            float* at = packed + lane;
            for (int row = 0; row < rows; row++, at += GroupSize) sum = TSimd.Add(sum, TSimd.Load(at));
            TSimd.Store(sum, sums + lane);
        }
    }
}
