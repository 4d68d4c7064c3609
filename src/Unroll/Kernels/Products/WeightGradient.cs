using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Products;

/// <summary>
/// dW += Xᵀ · D and db += the column sums of D. Rows are reduced in blocks of 512 from the last block to the first,
/// ascending within a block, one chain of fused multiply-adds an element (KERNELS.md 6, 11): the order depends on the
/// shape alone. dW is touched once a block, X is packed once a block.
/// </summary>
internal static unsafe class WeightGradient
{
    private const int GroupSize = PanelLayout.GroupSize;
    private const int PanelWidth = PanelLayout.WideGroups * GroupSize;
    private const int BlockRows = 512;
    private const int TileRows = 6;

    /// <summary>What the gradient needs to know.</summary>
    public struct Arguments
    {
        /// <summary>For each reduction row a pointer to its K inputs; null for a row of zeros.</summary>
        public float** Inputs;
        public int Rows;

        /// <summary>The output's gradient: row-major when <see cref="PanelStride"/> is 0, else panel-major.</summary>
        public float* Outputs;
        public nint RowStride, PanelStride;

        /// <summary>The weights' layout, their gradient, and the bias's gradient in storage order or null.</summary>
        public PanelLayout Layout;
        public float* Weights;
        public float* Bias;

        /// <summary>Which gates of a panel take part, with D's groups lying from <see cref="Outputs"/> on; all where 0.</summary>
        public int FirstGroup, GroupCount;

        internal int FirstInput, EndInput, FirstPanel, EndPanel; // a thread's share
        internal int BiasPart, BiasParts;
    }

    /// <summary>Adds the gradients at the current vector width, on as many threads as it is worth.</summary>
    public static void Run(in Arguments arguments)
    {
        double operations = 2.0 * arguments.Rows * arguments.Layout.Rows * arguments.Layout.StoredColumns;
        ThreadTeam.Run(new Work { Arguments = arguments }, TeamParts.For(operations));
    }

    /// <summary>Each thread has its own part of dW: some of its rows, or some of its panels where there are few rows.</summary>
    private struct Work : ITeamWork
    {
        public Arguments Arguments;

        public readonly void Part(int part, int parts)
        {
            Arguments mine = Arguments;
            int k = mine.Layout.Rows, panels = mine.Layout.PanelCount;
            (mine.FirstInput, mine.EndInput, mine.FirstPanel, mine.EndPanel) = (0, k, 0, panels);
            (mine.BiasPart, mine.BiasParts) = (0, 1);
            if (k >= parts * 2 * TileRows)
            {
                (mine.FirstInput, mine.EndInput) = TeamParts.Range(part, parts, k, TileRows);
                (mine.BiasPart, mine.BiasParts) = (part, parts);
            }
            else
            {
                (mine.FirstPanel, mine.EndPanel) = TeamParts.Range(part, parts, panels, 1);
            }
            SimdWidth.Run<Kernel, Arguments>(in mine);
        }
    }

    /// <summary>The pointers of <paramref name="rows"/> equally spaced rows, for <see cref="Arguments.Inputs"/>.</summary>
    public static float** RowPointers(float* first, nint stride, int rows)
    {
        float** pointers = Workspace.Pointers(Workspace.Slot.LeftPointers, rows);
        for (int r = 0; r < rows; r++) pointers[r] = first + r * stride;
        return pointers;
    }

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        public static void Run<TSimd, TVector>(in Arguments arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int blocks = (arguments.Rows + BlockRows - 1) / BlockRows;
            for (int block = blocks - 1; block >= 0; block--)
            {
                int first = block * BlockRows;
                Block<TSimd, TVector>(in arguments, first, Math.Min(BlockRows, arguments.Rows - first));
            }
        }
    }

    private static void Block<TSimd, TVector>(in Arguments arguments, int first, int rows)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PanelLayout layout = arguments.Layout;
        int k = arguments.EndInput - arguments.FirstInput;
        float* inputs = null;
        if (arguments.Weights != null)
        {
            inputs = Workspace.Floats(Workspace.Slot.LeftRows, (long)(k + TileRows) * rows);
            PackInputs(arguments.Inputs + first, arguments.FirstInput, rows, k, inputs);
        }
        for (int panel = arguments.FirstPanel; panel < arguments.EndPanel; panel++)
        {
            int allGroups = layout.GroupsIn(panel);
            int firstGroup = arguments.GroupCount == 0 ? 0 : arguments.FirstGroup;
            int groups = arguments.GroupCount == 0 ? allGroups : arguments.GroupCount;
            float* outputs;
            nint outputStride;
            if (arguments.PanelStride != 0)
            {
                outputs = arguments.Outputs + panel * arguments.PanelStride + first * arguments.RowStride;
                outputStride = arguments.RowStride;
            }
            else
            {
                outputs = Workspace.Floats(Workspace.Slot.RightPanel, (long)BlockRows * PanelWidth);
                outputStride = PanelWidth;
                PanelColumns.Pack(layout, panel, arguments.Outputs + first * arguments.RowStride, arguments.RowStride, rows, outputs, outputStride);
            }
            if (arguments.Bias != null && panel % arguments.BiasParts == arguments.BiasPart)
                ColumnSums<TSimd, TVector>(outputs, outputStride, rows, groups, arguments.Bias + ((long)panel * layout.GroupsPerPanel + firstGroup) * GroupSize);
            if (arguments.Weights == null) continue;
            var tile = new TileOperands
            {
                AStep = TileRows,
                ARowStride = 1,
                K = rows,
                Segments = 1,
                W = outputs,
                WStep = outputStride,
                WGroupStride = GroupSize,
                C = arguments.Weights + layout.PanelOffset(panel) + ((nint)arguments.FirstInput * allGroups + firstGroup) * GroupSize,
                CRowStride = allGroups * GroupSize,
                CGroupStride = GroupSize,
                InitialRowStride = allGroups * GroupSize,
                InitialGroupStride = GroupSize,
            };
            Columns<TSimd, TVector>(ref tile, inputs, rows, k, groups);
        }
    }

    private static void Columns<TSimd, TVector>(ref TileOperands tile, float* inputs, int rows, int k, int groups)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int maximum = ProductTile.MaximumRows<TSimd, TVector>();
        for (int start = 0; start < k; start += TileRows)
        {
            float* packed = inputs + (long)start * rows;
            int remaining = Math.Min(TileRows, k - start);
            for (int inner = 0; inner < remaining; inner += maximum)
            {
                int count = Math.Min(maximum, remaining - inner);
                tile.A = packed + inner;
                tile.Initial = tile.C;
                ProductTile.Run<TSimd, TVector>(in tile, count, groups);
                tile.C += count * tile.CRowStride;
            }
        }
    }

    /// <summary>Inputs as [k / 6][row][6], so that a tile reads six values that lie together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackInputs(float** pointers, int firstInput, int rows, int k, float* packed)
    {
        for (int row = 0; row < rows; row++)
        {
            float* source = pointers[row] == null ? null : pointers[row] + firstInput;
            float* destination = packed + row * TileRows;
            for (int start = 0; start < k; start += TileRows, destination += rows * TileRows)
            {
                if (source == null)
                {
                    for (int i = 0; i < TileRows; i++) destination[i] = 0;
                }
                else if (start + TileRows <= k)
                {
                    Unsafe.CopyBlockUnaligned(destination, source + start, TileRows * sizeof(float));
                }
                else
                {
                    for (int i = 0; i < TileRows; i++) destination[i] = start + i < k ? source[start + i] : 0;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnSums<TSimd, TVector>(float* outputs, nint stride, int rows, int groups, float* sums)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int column = 0; column < groups * GroupSize; column += TSimd.Lanes)
        {
            TVector sum = TSimd.Load(sums + column);
            float* at = outputs + column;
            for (int row = 0; row < rows; row++, at += stride) sum = TSimd.Add(sum, TSimd.Load(at));
            TSimd.Store(sum, sums + column);
        }
    }
}
