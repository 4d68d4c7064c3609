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
/// k · AStep]</c>, k-row k of the weights at <c>W[segment · WSegmentStride + k · WStep]</c> with its groups
/// <see cref="WGroupStride"/> apart. The sum starts from <see cref="Initial"/> (a bias where its row stride is 0).
/// </summary>
internal unsafe struct TileOperands
{
    public float* A, W, Initial, C;
    public nint ARowStride, AStep, ASegmentStride;
    public nint WStep, WGroupStride, WSegmentStride;
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
    /// <summary>The most rows of a tile whose accumulators stay in registers at this width.</summary>
    public static int MaximumRows<TSimd, TVector>() where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Lanes == 16 ? 6 : 3;

    /// <summary>Computes a tile of the given rows (1 to <see cref="MaximumRows"/>) and groups (1 to 4).</summary>
    public static void Run<TSimd, TVector>(in TileOperands tile, int rows, int groups)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        switch (groups)
        {
            case 1: Run<TSimd, TVector, One>(in tile, rows); break;
            case 2: Run<TSimd, TVector, Two>(in tile, rows); break;
            case 3: Run<TSimd, TVector, Three>(in tile, rows); break;
            default: Run<TSimd, TVector, Four>(in tile, rows); break;
        }
    }

    private static void Run<TSimd, TVector, TGroups>(in TileOperands tile, int rows)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TGroups : struct, ICount
    {
        // A vector narrower than a group takes the group in parts; each part is a tile of its own.
        for (int part = 0; part < 16; part += TSimd.Lanes)
        {
            switch (rows)
            {
                case 1: Body<TSimd, TVector, One, TGroups>(in tile, part); break;
                case 2: Body<TSimd, TVector, Two, TGroups>(in tile, part); break;
                case 3: Body<TSimd, TVector, Three, TGroups>(in tile, part); break;
                case 4: Body<TSimd, TVector, Four, TGroups>(in tile, part); break;
                case 5: Body<TSimd, TVector, Five, TGroups>(in tile, part); break;
                default: Body<TSimd, TVector, Six, TGroups>(in tile, part); break;
            }
        }
    }

    // Broadcasts first, then each group's weights once: at 256 bits that is 12 accumulators, 3 broadcasts and one
    // vector of weights, all 16 registers; at 512 bits 24 + 6 + 1 of 32.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Body<TSimd, TVector, TRows, TGroups>(in TileOperands tile, int part)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TRows : struct, ICount where TGroups : struct, ICount
    {
        float* initial = tile.Initial + part;
        nint initialRow = tile.InitialRowStride, initialGroup = tile.InitialGroupStride;
        TVector c00 = TSimd.Load(initial);
        TVector c01 = TGroups.Value > 1 ? TSimd.Load(initial + initialGroup) : TSimd.Zero;
        TVector c02 = TGroups.Value > 2 ? TSimd.Load(initial + 2 * initialGroup) : TSimd.Zero;
        TVector c03 = TGroups.Value > 3 ? TSimd.Load(initial + 3 * initialGroup) : TSimd.Zero;
        TVector c10 = TRows.Value > 1 ? TSimd.Load(initial + initialRow) : TSimd.Zero;
        TVector c11 = TRows.Value > 1 && TGroups.Value > 1 ? TSimd.Load(initial + initialRow + initialGroup) : TSimd.Zero;
        TVector c12 = TRows.Value > 1 && TGroups.Value > 2 ? TSimd.Load(initial + initialRow + 2 * initialGroup) : TSimd.Zero;
        TVector c13 = TRows.Value > 1 && TGroups.Value > 3 ? TSimd.Load(initial + initialRow + 3 * initialGroup) : TSimd.Zero;
        TVector c20 = TRows.Value > 2 ? TSimd.Load(initial + 2 * initialRow) : TSimd.Zero;
        TVector c21 = TRows.Value > 2 && TGroups.Value > 1 ? TSimd.Load(initial + 2 * initialRow + initialGroup) : TSimd.Zero;
        TVector c22 = TRows.Value > 2 && TGroups.Value > 2 ? TSimd.Load(initial + 2 * initialRow + 2 * initialGroup) : TSimd.Zero;
        TVector c23 = TRows.Value > 2 && TGroups.Value > 3 ? TSimd.Load(initial + 2 * initialRow + 3 * initialGroup) : TSimd.Zero;
        TVector c30 = TRows.Value > 3 ? TSimd.Load(initial + 3 * initialRow) : TSimd.Zero;
        TVector c31 = TRows.Value > 3 && TGroups.Value > 1 ? TSimd.Load(initial + 3 * initialRow + initialGroup) : TSimd.Zero;
        TVector c32 = TRows.Value > 3 && TGroups.Value > 2 ? TSimd.Load(initial + 3 * initialRow + 2 * initialGroup) : TSimd.Zero;
        TVector c33 = TRows.Value > 3 && TGroups.Value > 3 ? TSimd.Load(initial + 3 * initialRow + 3 * initialGroup) : TSimd.Zero;
        TVector c40 = TRows.Value > 4 ? TSimd.Load(initial + 4 * initialRow) : TSimd.Zero;
        TVector c41 = TRows.Value > 4 && TGroups.Value > 1 ? TSimd.Load(initial + 4 * initialRow + initialGroup) : TSimd.Zero;
        TVector c42 = TRows.Value > 4 && TGroups.Value > 2 ? TSimd.Load(initial + 4 * initialRow + 2 * initialGroup) : TSimd.Zero;
        TVector c43 = TRows.Value > 4 && TGroups.Value > 3 ? TSimd.Load(initial + 4 * initialRow + 3 * initialGroup) : TSimd.Zero;
        TVector c50 = TRows.Value > 5 ? TSimd.Load(initial + 5 * initialRow) : TSimd.Zero;
        TVector c51 = TRows.Value > 5 && TGroups.Value > 1 ? TSimd.Load(initial + 5 * initialRow + initialGroup) : TSimd.Zero;
        TVector c52 = TRows.Value > 5 && TGroups.Value > 2 ? TSimd.Load(initial + 5 * initialRow + 2 * initialGroup) : TSimd.Zero;
        TVector c53 = TRows.Value > 5 && TGroups.Value > 3 ? TSimd.Load(initial + 5 * initialRow + 3 * initialGroup) : TSimd.Zero;

        float* a0 = tile.A;
        nint aRow = tile.ARowStride;
        float* a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow;
        float* weights = tile.W + part;
        nint aStep = tile.AStep, wStep = tile.WStep, wGroup = tile.WGroupStride, k = tile.K;
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
                TVector x0 = TSimd.Broadcast(a0[at]);
                TVector x1 = TRows.Value > 1 ? TSimd.Broadcast(a1[at]) : TSimd.Zero;
                TVector x2 = TRows.Value > 2 ? TSimd.Broadcast(a2[at]) : TSimd.Zero;
                TVector x3 = TRows.Value > 3 ? TSimd.Broadcast(a3[at]) : TSimd.Zero;
                TVector x4 = TRows.Value > 4 ? TSimd.Broadcast(a4[at]) : TSimd.Zero;
                TVector x5 = TRows.Value > 5 ? TSimd.Broadcast(a5[at]) : TSimd.Zero;
                TVector w0 = TSimd.Load(w);
                c00 = TSimd.MultiplyAdd(x0, w0, c00);
                if (TRows.Value > 1) c10 = TSimd.MultiplyAdd(x1, w0, c10);
                if (TRows.Value > 2) c20 = TSimd.MultiplyAdd(x2, w0, c20);
                if (TRows.Value > 3) c30 = TSimd.MultiplyAdd(x3, w0, c30);
                if (TRows.Value > 4) c40 = TSimd.MultiplyAdd(x4, w0, c40);
                if (TRows.Value > 5) c50 = TSimd.MultiplyAdd(x5, w0, c50);
                if (TGroups.Value > 1)
                {
                    TVector w1 = TSimd.Load(w + wGroup);
                    c01 = TSimd.MultiplyAdd(x0, w1, c01);
                    if (TRows.Value > 1) c11 = TSimd.MultiplyAdd(x1, w1, c11);
                    if (TRows.Value > 2) c21 = TSimd.MultiplyAdd(x2, w1, c21);
                    if (TRows.Value > 3) c31 = TSimd.MultiplyAdd(x3, w1, c31);
                    if (TRows.Value > 4) c41 = TSimd.MultiplyAdd(x4, w1, c41);
                    if (TRows.Value > 5) c51 = TSimd.MultiplyAdd(x5, w1, c51);
                }
                if (TGroups.Value > 2)
                {
                    TVector w2 = TSimd.Load(w + 2 * wGroup);
                    c02 = TSimd.MultiplyAdd(x0, w2, c02);
                    if (TRows.Value > 1) c12 = TSimd.MultiplyAdd(x1, w2, c12);
                    if (TRows.Value > 2) c22 = TSimd.MultiplyAdd(x2, w2, c22);
                    if (TRows.Value > 3) c32 = TSimd.MultiplyAdd(x3, w2, c32);
                    if (TRows.Value > 4) c42 = TSimd.MultiplyAdd(x4, w2, c42);
                    if (TRows.Value > 5) c52 = TSimd.MultiplyAdd(x5, w2, c52);
                }
                if (TGroups.Value > 3)
                {
                    TVector w3 = TSimd.Load(w + 3 * wGroup);
                    c03 = TSimd.MultiplyAdd(x0, w3, c03);
                    if (TRows.Value > 1) c13 = TSimd.MultiplyAdd(x1, w3, c13);
                    if (TRows.Value > 2) c23 = TSimd.MultiplyAdd(x2, w3, c23);
                    if (TRows.Value > 3) c33 = TSimd.MultiplyAdd(x3, w3, c33);
                    if (TRows.Value > 4) c43 = TSimd.MultiplyAdd(x4, w3, c43);
                    if (TRows.Value > 5) c53 = TSimd.MultiplyAdd(x5, w3, c53);
                }
                at += aStep;
                w += wStep;
            }
            a0 += tile.ASegmentStride;
            a1 += tile.ASegmentStride;
            a2 += tile.ASegmentStride;
            a3 += tile.ASegmentStride;
            a4 += tile.ASegmentStride;
            a5 += tile.ASegmentStride;
            weights += tile.WSegmentStride;
        }

        float* c = tile.C + part;
        nint cRow = tile.CRowStride, cGroup = tile.CGroupStride;
        TSimd.Store(c00, c);
        if (TGroups.Value > 1) TSimd.Store(c01, c + cGroup);
        if (TGroups.Value > 2) TSimd.Store(c02, c + 2 * cGroup);
        if (TGroups.Value > 3) TSimd.Store(c03, c + 3 * cGroup);
        if (TRows.Value > 1) TSimd.Store(c10, c + cRow);
        if (TRows.Value > 1 && TGroups.Value > 1) TSimd.Store(c11, c + cRow + cGroup);
        if (TRows.Value > 1 && TGroups.Value > 2) TSimd.Store(c12, c + cRow + 2 * cGroup);
        if (TRows.Value > 1 && TGroups.Value > 3) TSimd.Store(c13, c + cRow + 3 * cGroup);
        if (TRows.Value > 2) TSimd.Store(c20, c + 2 * cRow);
        if (TRows.Value > 2 && TGroups.Value > 1) TSimd.Store(c21, c + 2 * cRow + cGroup);
        if (TRows.Value > 2 && TGroups.Value > 2) TSimd.Store(c22, c + 2 * cRow + 2 * cGroup);
        if (TRows.Value > 2 && TGroups.Value > 3) TSimd.Store(c23, c + 2 * cRow + 3 * cGroup);
        if (TRows.Value > 3) TSimd.Store(c30, c + 3 * cRow);
        if (TRows.Value > 3 && TGroups.Value > 1) TSimd.Store(c31, c + 3 * cRow + cGroup);
        if (TRows.Value > 3 && TGroups.Value > 2) TSimd.Store(c32, c + 3 * cRow + 2 * cGroup);
        if (TRows.Value > 3 && TGroups.Value > 3) TSimd.Store(c33, c + 3 * cRow + 3 * cGroup);
        if (TRows.Value > 4) TSimd.Store(c40, c + 4 * cRow);
        if (TRows.Value > 4 && TGroups.Value > 1) TSimd.Store(c41, c + 4 * cRow + cGroup);
        if (TRows.Value > 4 && TGroups.Value > 2) TSimd.Store(c42, c + 4 * cRow + 2 * cGroup);
        if (TRows.Value > 4 && TGroups.Value > 3) TSimd.Store(c43, c + 4 * cRow + 3 * cGroup);
        if (TRows.Value > 5) TSimd.Store(c50, c + 5 * cRow);
        if (TRows.Value > 5 && TGroups.Value > 1) TSimd.Store(c51, c + 5 * cRow + cGroup);
        if (TRows.Value > 5 && TGroups.Value > 2) TSimd.Store(c52, c + 5 * cRow + 2 * cGroup);
        if (TRows.Value > 5 && TGroups.Value > 3) TSimd.Store(c53, c + 5 * cRow + 3 * cGroup);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* line)
    {
        if (Sse.IsSupported) Sse.Prefetch0(line);
    }
}
