using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Products;

/// <summary>
/// A tile of one row: all groups at once, so that as many sums run side by side as hide a multiply-add's latency. For vectors
/// that take half a group.
/// </summary>
internal static unsafe class ProductRow
{
    /// <summary>Computes one row of 1 to 4 groups.</summary>
    public static void Run<TSimd, TVector>(in TileOperands tile, int groups)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        switch (groups)
        {
            case 1: Body<TSimd, TVector, One>(in tile); break;
            case 2: Body<TSimd, TVector, Two>(in tile); break;
            case 3: Body<TSimd, TVector, Three>(in tile); break;
            default: Body<TSimd, TVector, Four>(in tile); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Body<TSimd, TVector, TGroups>(in TileOperands tile)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TGroups : struct, ICount
    {
        int half = TSimd.Lanes;
        float* initial = tile.Initial;
        nint initialGroup = tile.InitialGroupStride;
        TVector c0 = TSimd.Load(initial), d0 = TSimd.Load(initial + half);
        TVector c1 = TGroups.Value > 1 ? TSimd.Load(initial + initialGroup) : TSimd.Zero;
        TVector d1 = TGroups.Value > 1 ? TSimd.Load(initial + initialGroup + half) : TSimd.Zero;
        TVector c2 = TGroups.Value > 2 ? TSimd.Load(initial + 2 * initialGroup) : TSimd.Zero;
        TVector d2 = TGroups.Value > 2 ? TSimd.Load(initial + 2 * initialGroup + half) : TSimd.Zero;
        TVector c3 = TGroups.Value > 3 ? TSimd.Load(initial + 3 * initialGroup) : TSimd.Zero;
        TVector d3 = TGroups.Value > 3 ? TSimd.Load(initial + 3 * initialGroup + half) : TSimd.Zero;

        float* a = tile.A, weights = tile.W;
        nint aStep = tile.AStep, wGroup = tile.WGroupStride, k = tile.K;
        for (nint segment = tile.Segments; segment > 0; segment--)
        {
            float* x = a, w = weights;
            for (nint i = k; i > 0; i--)
            {
                TVector value = TSimd.Broadcast(*x);
                c0 = TSimd.MultiplyAdd(value, TSimd.Load(w), c0);
                d0 = TSimd.MultiplyAdd(value, TSimd.Load(w + half), d0);
                if (TGroups.Value > 1)
                {
                    c1 = TSimd.MultiplyAdd(value, TSimd.Load(w + wGroup), c1);
                    d1 = TSimd.MultiplyAdd(value, TSimd.Load(w + wGroup + half), d1);
                }
                if (TGroups.Value > 2)
                {
                    c2 = TSimd.MultiplyAdd(value, TSimd.Load(w + 2 * wGroup), c2);
                    d2 = TSimd.MultiplyAdd(value, TSimd.Load(w + 2 * wGroup + half), d2);
                }
                if (TGroups.Value > 3)
                {
                    c3 = TSimd.MultiplyAdd(value, TSimd.Load(w + 3 * wGroup), c3);
                    d3 = TSimd.MultiplyAdd(value, TSimd.Load(w + 3 * wGroup + half), d3);
                }
                x += aStep;
                w += 2 * half;
            }
            a += tile.ASegmentStride;
            weights += tile.WSegmentStride;
        }

        float* c = tile.C;
        nint cGroup = tile.CGroupStride;
        TSimd.Store(c0, c);
        TSimd.Store(d0, c + half);
        if (TGroups.Value > 1)
        {
            TSimd.Store(c1, c + cGroup);
            TSimd.Store(d1, c + cGroup + half);
        }
        if (TGroups.Value > 2)
        {
            TSimd.Store(c2, c + 2 * cGroup);
            TSimd.Store(d2, c + 2 * cGroup + half);
        }
        if (TGroups.Value > 3)
        {
            TSimd.Store(c3, c + 3 * cGroup);
            TSimd.Store(d3, c + 3 * cGroup + half);
        }
    }
}
