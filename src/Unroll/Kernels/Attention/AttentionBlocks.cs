using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// Brings a pair's rows into the form of the product tiles and back. "In groups" means groups of 16 columns, row after row within
/// a group, the last filled up with zeros: the right operand of a product whose reduction runs over the rows.
/// </summary>
internal static unsafe class AttentionBlocks
{
    private const int GroupSize = PanelLayout.GroupSize;

    /// <summary>Copies one row, times a factor, into groups that are <paramref name="groupStride"/> apart: 16 for a row of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow<TSimd, TVector>(float* from, int width, float factor, float* to, nint groupStride)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector by = TSimd.Broadcast(factor);
        for (; width >= GroupSize; width -= GroupSize, from += GroupSize, to += groupStride)
            for (int lane = 0; lane < GroupSize; lane += TSimd.Lanes) TSimd.Store(TSimd.Multiply(TSimd.Load(from + lane), by), to + lane);
        if (width == 0) return;
        for (int lane = 0; lane < GroupSize; lane++) to[lane] = lane < width ? from[lane] * factor : 0f;
    }

    /// <summary>The first rows of a sequence's head in groups.</summary>
    public static void PackRows<TSimd, TVector>(in AttentionSide side, int place, int head, int rows, float* to)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        nint groupStride = (nint)rows * GroupSize;
        for (int step = 0; step < rows; step++, to += GroupSize)
            PackRow<TSimd, TVector>(side.Values + side.At(place, step, head), side.Width, 1f, to, groupStride);
    }

    /// <summary>to = from · factor, or added to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PutRow<TSimd, TVector>(float* from, int width, float factor, float* to, bool isFirst)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector by = TSimd.Broadcast(factor);
        int i = 0;
        for (; i <= width - TSimd.Lanes; i += TSimd.Lanes)
            TSimd.Store(isFirst ? TSimd.Multiply(TSimd.Load(from + i), by) : TSimd.MultiplyAdd(TSimd.Load(from + i), by, TSimd.Load(to + i)), to + i);
        for (; i < width; i++) to[i] = isFirst ? from[i] * factor : MathF.FusedMultiplyAdd(from[i], factor, to[i]);
    }

    /// <summary>Puts the gradient of a sequence's head where it belongs.</summary>
    public static void PutGradient<TSimd, TVector>(in AttentionSide side, int place, int head, int first, int rows, float* from, nint rowStride, float factor)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (side.Gradient == null) return;
        for (int row = 0; row < rows; row++)
            PutRow<TSimd, TVector>(from + row * rowStride, side.Width, factor, side.Gradient + side.At(place, first + row, head), side.IsFirst);
    }

    /// <summary>
    /// C = A · W or C += A · W; C row-major, W in groups. Narrow vectors take a group at a time, so that it stays in the first-level
    /// cache for all rows.
    /// </summary>
    public static void Product<TSimd, TVector>(
        float* a, nint aRowStride, nint aStep, int rows, int reduction, float* w, nint wGroupStride, int groups, float* c, nint cRowStride, bool accumulate)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (rows == 0) return;
        int together = TSimd.Lanes == GroupSize ? PanelLayout.WideGroups : 1;
        var tiles = new RowTiles(rows, ProductTile.MaximumRows);
        var tile = new TileOperands
        {
            ARowStride = aRowStride,
            AStep = aStep,
            K = reduction,
            Segments = 1,
            WGroupStride = wGroupStride,
            CRowStride = cRowStride,
            CGroupStride = GroupSize,
            Initial = ZeroRow.Floats,
        };
        if (accumulate) (tile.InitialRowStride, tile.InitialGroupStride) = (cRowStride, GroupSize);
        for (int group = 0; group < groups; group += together)
        {
            int count = Math.Min(together, groups - group);
            tile.A = a;
            tile.W = w + group * wGroupStride;
            tile.C = c + group * GroupSize;
            for (int i = 0; i < tiles.Count; i++)
            {
                int size = tiles.SizeOf(i);
                if (accumulate) tile.Initial = tile.C;
                ProductTile.Run<TSimd, TVector>(in tile, size, count);
                tile.A += size * aRowStride;
                tile.C += size * cRowStride;
            }
        }
    }
}
