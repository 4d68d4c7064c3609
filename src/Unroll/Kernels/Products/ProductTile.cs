using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Products;

/// <summary>A number that the JIT knows: it compiles one body for each.</summary>
internal interface ICount
{
    static abstract int Value { get; }
}

internal readonly struct One : ICount { public static int Value => 1; }

internal readonly struct Two : ICount { public static int Value => 2; }

internal readonly struct Three : ICount { public static int Value => 3; }

internal readonly struct Four : ICount { public static int Value => 4; }

internal readonly struct Five : ICount { public static int Value => 5; }

internal readonly struct Six : ICount { public static int Value => 6; }

/// <summary>
/// The operands of one tile, in floats. Element (row, k) of A is at <c>A[row · ARowStride + segment · ASegmentStride +
/// k · AStep]</c>; the weights' groups of 16 columns are <see cref="WGroupStride"/> apart, k-row after k-row within a group,
/// all segments in one run. The sum starts from <see cref="Initial"/> (a bias where its row stride is 0).
/// </summary>
internal unsafe struct TileOperands
{
    public float* A, W, Initial, C;
    public nint ARowStride, AStep, ASegmentStride;
    public nint WGroupStride, WSegmentStride;
    public nint InitialRowStride, InitialGroupStride;
    public nint CRowStride, CGroupStride;

    /// <summary>Length of the reduction within a segment, and how many segments follow each other.</summary>
    public nint K, Segments;
}

/// <summary>
/// C = Initial + A · W on up to six rows and four groups of 16 columns: the inner loop of every product in the library
/// (KERNELS.md 3). K is innermost; each element of C has one accumulator and one chain of fused multiply-adds in
/// ascending k, so that its bits depend neither on the tile's shape nor on the vector's width.
/// </summary>
internal static unsafe class ProductTile
{
    private const int GroupSize = 16;

    /// <summary>The most rows of a tile: as many as keep all sums in registers.</summary>
    public const int MaximumRows = 6;

    /// <summary>Computes a tile of the given rows (1 to <see cref="MaximumRows"/>) and groups (1 to 4).</summary>
    public static void Run<TSimd, TVector>(in TileOperands tile, int rows, int groups)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TSimd.Lanes == GroupSize)
        {
            // 32 registers: all groups at once.
            switch (groups)
            {
                case 1: Run<TSimd, TVector, One>(in tile, rows, 0); break;
                case 2: Run<TSimd, TVector, Two>(in tile, rows, 0); break;
                case 3: Run<TSimd, TVector, Three>(in tile, rows, 0); break;
                default: Run<TSimd, TVector, Four>(in tile, rows, 0); break;
            }
            return;
        }
        if (TSimd.Lanes == 8 && rows == 1)
        {
            ProductRow.Run<TSimd, TVector>(in tile, groups);
            return;
        }
        // 16 registers: six rows by two vectors, or two by four, as many sums as hide a multiply-add's latency. At 256 bits two
        // vectors are a group, one stream of whole cache lines.
        int columns = groups * GroupSize, wide = 4 * TSimd.Lanes, column = 0;
        if (rows <= 2)
        {
            for (; column <= columns - wide; column += wide) Run<TSimd, TVector, Four>(in tile, rows, column);
        }
        for (; column < columns; column += 2 * TSimd.Lanes) Run<TSimd, TVector, Two>(in tile, rows, column);
    }

    private static void Run<TSimd, TVector, TVectors>(in TileOperands tile, int rows, int column)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TVectors : struct, ICount
    {
        switch (rows)
        {
            case 1: Body<TSimd, TVector, One, TVectors>(in tile, column); break;
            case 2: Body<TSimd, TVector, Two, TVectors>(in tile, column); break;
            case 3: Body<TSimd, TVector, Three, TVectors>(in tile, column); break;
            case 4: Body<TSimd, TVector, Four, TVectors>(in tile, column); break;
            case 5: Body<TSimd, TVector, Five, TVectors>(in tile, column); break;
            default: Body<TSimd, TVector, Six, TVectors>(in tile, column); break;
        }
    }

    /// <summary>Where the vector that begins at a column lies, in groups that are <paramref name="groupStride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Place(int column, nint groupStride) => column / GroupSize * groupStride + column % GroupSize;

    // A group's weights once, then one row after the other: at 256 bits that is 12 sums, 2 vectors of weights and one broadcast,
    // 15 of 16 registers; at 512 bits 24 + 4 + 1 of 32 (or the broadcast as part of the multiply-add).
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Body<TSimd, TVector, TRows, TVectors>(in TileOperands tile, int column)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TRows : struct, ICount where TVectors : struct, ICount
    {
        float* initial = tile.Initial + Place(column, tile.InitialGroupStride);
        nint initialRow = tile.InitialRowStride, initialGroup = tile.InitialGroupStride;
        TVector c00 = TSimd.Load(initial);
        TVector c01 = TVectors.Value > 1 ? TSimd.Load(initial + Place(1 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c02 = TVectors.Value > 2 ? TSimd.Load(initial + Place(2 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c03 = TVectors.Value > 3 ? TSimd.Load(initial + Place(3 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c10 = TRows.Value > 1 ? TSimd.Load(initial + initialRow) : TSimd.Zero;
        TVector c11 = TRows.Value > 1 && TVectors.Value > 1 ? TSimd.Load(initial + initialRow + Place(1 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c12 = TRows.Value > 1 && TVectors.Value > 2 ? TSimd.Load(initial + initialRow + Place(2 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c13 = TRows.Value > 1 && TVectors.Value > 3 ? TSimd.Load(initial + initialRow + Place(3 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c20 = TRows.Value > 2 ? TSimd.Load(initial + 2 * initialRow) : TSimd.Zero;
        TVector c21 = TRows.Value > 2 && TVectors.Value > 1 ? TSimd.Load(initial + 2 * initialRow + Place(1 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c22 = TRows.Value > 2 && TVectors.Value > 2 ? TSimd.Load(initial + 2 * initialRow + Place(2 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c23 = TRows.Value > 2 && TVectors.Value > 3 ? TSimd.Load(initial + 2 * initialRow + Place(3 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c30 = TRows.Value > 3 ? TSimd.Load(initial + 3 * initialRow) : TSimd.Zero;
        TVector c31 = TRows.Value > 3 && TVectors.Value > 1 ? TSimd.Load(initial + 3 * initialRow + Place(1 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c32 = TRows.Value > 3 && TVectors.Value > 2 ? TSimd.Load(initial + 3 * initialRow + Place(2 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c33 = TRows.Value > 3 && TVectors.Value > 3 ? TSimd.Load(initial + 3 * initialRow + Place(3 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c40 = TRows.Value > 4 ? TSimd.Load(initial + 4 * initialRow) : TSimd.Zero;
        TVector c41 = TRows.Value > 4 && TVectors.Value > 1 ? TSimd.Load(initial + 4 * initialRow + Place(1 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c42 = TRows.Value > 4 && TVectors.Value > 2 ? TSimd.Load(initial + 4 * initialRow + Place(2 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c43 = TRows.Value > 4 && TVectors.Value > 3 ? TSimd.Load(initial + 4 * initialRow + Place(3 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c50 = TRows.Value > 5 ? TSimd.Load(initial + 5 * initialRow) : TSimd.Zero;
        TVector c51 = TRows.Value > 5 && TVectors.Value > 1 ? TSimd.Load(initial + 5 * initialRow + Place(1 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c52 = TRows.Value > 5 && TVectors.Value > 2 ? TSimd.Load(initial + 5 * initialRow + Place(2 * TSimd.Lanes, initialGroup)) : TSimd.Zero;
        TVector c53 = TRows.Value > 5 && TVectors.Value > 3 ? TSimd.Load(initial + 5 * initialRow + Place(3 * TSimd.Lanes, initialGroup)) : TSimd.Zero;

        float* a0 = tile.A;
        nint aRow = tile.ARowStride;
        float* a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow;
        nint aStep = tile.AStep, wGroup = tile.WGroupStride, k = tile.K;
        float* weights = tile.W + Place(column, wGroup);
        for (nint segment = tile.Segments; segment > 0; segment--)
        {
            // A segment is a few cache lines a row, too short for the processor's own prefetching: fetch the next one now.
            if (segment > 1)
            {
                nint next = tile.ASegmentStride;
                for (nint line = 0; line < k; line += 16)
                {
                    Fetch(a0 + next + line);
                    if (TRows.Value > 1) Fetch(a1 + next + line);
                    if (TRows.Value > 2) Fetch(a2 + next + line);
                    if (TRows.Value > 3) Fetch(a3 + next + line);
                    if (TRows.Value > 4) Fetch(a4 + next + line);
                    if (TRows.Value > 5) Fetch(a5 + next + line);
                }
            }
            float* w = weights;
            nint at = 0;
            for (nint i = k; i > 0; i--)
            {
                TVector w0 = TSimd.Load(w);
                TVector w1 = TVectors.Value > 1 ? TSimd.Load(w + Place(1 * TSimd.Lanes, wGroup)) : TSimd.Zero;
                TVector w2 = TVectors.Value > 2 ? TSimd.Load(w + Place(2 * TSimd.Lanes, wGroup)) : TSimd.Zero;
                TVector w3 = TVectors.Value > 3 ? TSimd.Load(w + Place(3 * TSimd.Lanes, wGroup)) : TSimd.Zero;
                TVector x0 = TSimd.Broadcast(a0[at]);
                c00 = TSimd.MultiplyAdd(x0, w0, c00);
                if (TVectors.Value > 1) c01 = TSimd.MultiplyAdd(x0, w1, c01);
                if (TVectors.Value > 2) c02 = TSimd.MultiplyAdd(x0, w2, c02);
                if (TVectors.Value > 3) c03 = TSimd.MultiplyAdd(x0, w3, c03);
                if (TRows.Value > 1)
                {
                    TVector x1 = TSimd.Broadcast(a1[at]);
                    c10 = TSimd.MultiplyAdd(x1, w0, c10);
                    if (TVectors.Value > 1) c11 = TSimd.MultiplyAdd(x1, w1, c11);
                    if (TVectors.Value > 2) c12 = TSimd.MultiplyAdd(x1, w2, c12);
                    if (TVectors.Value > 3) c13 = TSimd.MultiplyAdd(x1, w3, c13);
                }
                if (TRows.Value > 2)
                {
                    TVector x2 = TSimd.Broadcast(a2[at]);
                    c20 = TSimd.MultiplyAdd(x2, w0, c20);
                    if (TVectors.Value > 1) c21 = TSimd.MultiplyAdd(x2, w1, c21);
                    if (TVectors.Value > 2) c22 = TSimd.MultiplyAdd(x2, w2, c22);
                    if (TVectors.Value > 3) c23 = TSimd.MultiplyAdd(x2, w3, c23);
                }
                if (TRows.Value > 3)
                {
                    TVector x3 = TSimd.Broadcast(a3[at]);
                    c30 = TSimd.MultiplyAdd(x3, w0, c30);
                    if (TVectors.Value > 1) c31 = TSimd.MultiplyAdd(x3, w1, c31);
                    if (TVectors.Value > 2) c32 = TSimd.MultiplyAdd(x3, w2, c32);
                    if (TVectors.Value > 3) c33 = TSimd.MultiplyAdd(x3, w3, c33);
                }
                if (TRows.Value > 4)
                {
                    TVector x4 = TSimd.Broadcast(a4[at]);
                    c40 = TSimd.MultiplyAdd(x4, w0, c40);
                    if (TVectors.Value > 1) c41 = TSimd.MultiplyAdd(x4, w1, c41);
                    if (TVectors.Value > 2) c42 = TSimd.MultiplyAdd(x4, w2, c42);
                    if (TVectors.Value > 3) c43 = TSimd.MultiplyAdd(x4, w3, c43);
                }
                if (TRows.Value > 5)
                {
                    TVector x5 = TSimd.Broadcast(a5[at]);
                    c50 = TSimd.MultiplyAdd(x5, w0, c50);
                    if (TVectors.Value > 1) c51 = TSimd.MultiplyAdd(x5, w1, c51);
                    if (TVectors.Value > 2) c52 = TSimd.MultiplyAdd(x5, w2, c52);
                    if (TVectors.Value > 3) c53 = TSimd.MultiplyAdd(x5, w3, c53);
                }
                at += aStep;
                w += GroupSize;
            }
            a0 += tile.ASegmentStride;
            a1 += tile.ASegmentStride;
            a2 += tile.ASegmentStride;
            a3 += tile.ASegmentStride;
            a4 += tile.ASegmentStride;
            a5 += tile.ASegmentStride;
            weights += tile.WSegmentStride;
        }

        nint cRow = tile.CRowStride, cGroup = tile.CGroupStride;
        float* c = tile.C + Place(column, cGroup);
        TSimd.Store(c00, c);
        if (TVectors.Value > 1) TSimd.Store(c01, c + Place(1 * TSimd.Lanes, cGroup));
        if (TVectors.Value > 2) TSimd.Store(c02, c + Place(2 * TSimd.Lanes, cGroup));
        if (TVectors.Value > 3) TSimd.Store(c03, c + Place(3 * TSimd.Lanes, cGroup));
        if (TRows.Value > 1) TSimd.Store(c10, c + cRow);
        if (TRows.Value > 1 && TVectors.Value > 1) TSimd.Store(c11, c + cRow + Place(1 * TSimd.Lanes, cGroup));
        if (TRows.Value > 1 && TVectors.Value > 2) TSimd.Store(c12, c + cRow + Place(2 * TSimd.Lanes, cGroup));
        if (TRows.Value > 1 && TVectors.Value > 3) TSimd.Store(c13, c + cRow + Place(3 * TSimd.Lanes, cGroup));
        if (TRows.Value > 2) TSimd.Store(c20, c + 2 * cRow);
        if (TRows.Value > 2 && TVectors.Value > 1) TSimd.Store(c21, c + 2 * cRow + Place(1 * TSimd.Lanes, cGroup));
        if (TRows.Value > 2 && TVectors.Value > 2) TSimd.Store(c22, c + 2 * cRow + Place(2 * TSimd.Lanes, cGroup));
        if (TRows.Value > 2 && TVectors.Value > 3) TSimd.Store(c23, c + 2 * cRow + Place(3 * TSimd.Lanes, cGroup));
        if (TRows.Value > 3) TSimd.Store(c30, c + 3 * cRow);
        if (TRows.Value > 3 && TVectors.Value > 1) TSimd.Store(c31, c + 3 * cRow + Place(1 * TSimd.Lanes, cGroup));
        if (TRows.Value > 3 && TVectors.Value > 2) TSimd.Store(c32, c + 3 * cRow + Place(2 * TSimd.Lanes, cGroup));
        if (TRows.Value > 3 && TVectors.Value > 3) TSimd.Store(c33, c + 3 * cRow + Place(3 * TSimd.Lanes, cGroup));
        if (TRows.Value > 4) TSimd.Store(c40, c + 4 * cRow);
        if (TRows.Value > 4 && TVectors.Value > 1) TSimd.Store(c41, c + 4 * cRow + Place(1 * TSimd.Lanes, cGroup));
        if (TRows.Value > 4 && TVectors.Value > 2) TSimd.Store(c42, c + 4 * cRow + Place(2 * TSimd.Lanes, cGroup));
        if (TRows.Value > 4 && TVectors.Value > 3) TSimd.Store(c43, c + 4 * cRow + Place(3 * TSimd.Lanes, cGroup));
        if (TRows.Value > 5) TSimd.Store(c50, c + 5 * cRow);
        if (TRows.Value > 5 && TVectors.Value > 1) TSimd.Store(c51, c + 5 * cRow + Place(1 * TSimd.Lanes, cGroup));
        if (TRows.Value > 5 && TVectors.Value > 2) TSimd.Store(c52, c + 5 * cRow + Place(2 * TSimd.Lanes, cGroup));
        if (TRows.Value > 5 && TVectors.Value > 3) TSimd.Store(c53, c + 5 * cRow + Place(3 * TSimd.Lanes, cGroup));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* line)
    {
        if (Sse.IsSupported) Sse.Prefetch0(line);
    }
}
