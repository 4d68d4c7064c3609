using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Streaming;

/// <summary>
/// One row times float32 weights where they lie. Each sum is one chain of fused multiply-adds in ascending k, as in
/// <see cref="ProductTile"/>, so that a step gives the bits of a whole sequence.
/// </summary>
internal readonly unsafe struct Float32Product : IStreamProduct
{
    private const int Size = PanelLayout.GroupSize;

    public static void Run<TSimd, TVector>(StreamMatrix matrix, float* x, float* from, float* to, int first, int end)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // Eight vectors at a time, whatever their width: as many sums as hide a multiply-add's latency, each its own stream.
        uint column = (uint)(first * Size), last = (uint)(end * Size), lanes = (uint)TSimd.Lanes;
        for (; column + 8 * lanes <= last; column += 8 * lanes) Body<TSimd, TVector, Eight>(matrix, x, from, to, column);
        if (column + 4 * lanes <= last)
        {
            Body<TSimd, TVector, Four>(matrix, x, from, to, column);
            column += 4 * lanes;
        }
        if (column + 2 * lanes <= last)
        {
            Body<TSimd, TVector, Two>(matrix, x, from, to, column);
            column += 2 * lanes;
        }
        if (column < last) Body<TSimd, TVector, One>(matrix, x, from, to, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Body<TSimd, TVector, TVectors>(StreamMatrix matrix, float* x, float* from, float* to, uint column)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TVectors : struct, ICount
    {
        int* sources = matrix.Sources + column / Size, targets = matrix.Targets + column / Size;
        nint inGroup = (nint)(column % Size); // not 0 only where eight vectors are less than a group
        float* weights = matrix.Weights + inGroup;
        from += inGroup;
        to += inGroup;
        nint rows = matrix.Rows;
        float* w0 = weights + Place(sources, 0);
        float* w1 = TVectors.Value > 1 ? weights + Place(sources, 1 * TSimd.Lanes) : null;
        float* w2 = TVectors.Value > 2 ? weights + Place(sources, 2 * TSimd.Lanes) : null;
        float* w3 = TVectors.Value > 2 ? weights + Place(sources, 3 * TSimd.Lanes) : null;
        float* w4 = TVectors.Value > 4 ? weights + Place(sources, 4 * TSimd.Lanes) : null;
        float* w5 = TVectors.Value > 4 ? weights + Place(sources, 5 * TSimd.Lanes) : null;
        float* w6 = TVectors.Value > 4 ? weights + Place(sources, 6 * TSimd.Lanes) : null;
        float* w7 = TVectors.Value > 4 ? weights + Place(sources, 7 * TSimd.Lanes) : null;
        TVector c0 = TSimd.Load(from + Place(targets, 0));
        TVector c1 = TVectors.Value > 1 ? TSimd.Load(from + Place(targets, 1 * TSimd.Lanes)) : TSimd.Zero;
        TVector c2 = TVectors.Value > 2 ? TSimd.Load(from + Place(targets, 2 * TSimd.Lanes)) : TSimd.Zero;
        TVector c3 = TVectors.Value > 2 ? TSimd.Load(from + Place(targets, 3 * TSimd.Lanes)) : TSimd.Zero;
        TVector c4 = TVectors.Value > 4 ? TSimd.Load(from + Place(targets, 4 * TSimd.Lanes)) : TSimd.Zero;
        TVector c5 = TVectors.Value > 4 ? TSimd.Load(from + Place(targets, 5 * TSimd.Lanes)) : TSimd.Zero;
        TVector c6 = TVectors.Value > 4 ? TSimd.Load(from + Place(targets, 6 * TSimd.Lanes)) : TSimd.Zero;
        TVector c7 = TVectors.Value > 4 ? TSimd.Load(from + Place(targets, 7 * TSimd.Lanes)) : TSimd.Zero;
        nint at = 0;
        for (nint k = 0; k < rows; k++)
        {
            TVector value = TSimd.Broadcast(x[k]);
            if (TVectors.Value > 4 && TSimd.Lanes >= 8)
            {
                Prefetch.Line(w0 + at + Prefetch.Distance);
                Prefetch.Line(w2 + at + Prefetch.Distance);
                Prefetch.Line(w4 + at + Prefetch.Distance);
                Prefetch.Line(w6 + at + Prefetch.Distance);
            }
            c0 = TSimd.MultiplyAdd(value, TSimd.Load(w0 + at), c0);
            if (TVectors.Value > 1) c1 = TSimd.MultiplyAdd(value, TSimd.Load(w1 + at), c1);
            if (TVectors.Value > 2)
            {
                c2 = TSimd.MultiplyAdd(value, TSimd.Load(w2 + at), c2);
                c3 = TSimd.MultiplyAdd(value, TSimd.Load(w3 + at), c3);
            }
            if (TVectors.Value > 4)
            {
                c4 = TSimd.MultiplyAdd(value, TSimd.Load(w4 + at), c4);
                c5 = TSimd.MultiplyAdd(value, TSimd.Load(w5 + at), c5);
                c6 = TSimd.MultiplyAdd(value, TSimd.Load(w6 + at), c6);
                c7 = TSimd.MultiplyAdd(value, TSimd.Load(w7 + at), c7);
            }
            at += Size;
        }
        TSimd.Store(c0, to + Place(targets, 0));
        if (TVectors.Value > 1) TSimd.Store(c1, to + Place(targets, 1 * TSimd.Lanes));
        if (TVectors.Value > 2)
        {
            TSimd.Store(c2, to + Place(targets, 2 * TSimd.Lanes));
            TSimd.Store(c3, to + Place(targets, 3 * TSimd.Lanes));
        }
        if (TVectors.Value > 4)
        {
            TSimd.Store(c4, to + Place(targets, 4 * TSimd.Lanes));
            TSimd.Store(c5, to + Place(targets, 5 * TSimd.Lanes));
            TSimd.Store(c6, to + Place(targets, 6 * TSimd.Lanes));
            TSimd.Store(c7, to + Place(targets, 7 * TSimd.Lanes));
        }
    }

    /// <summary>Where the vector that begins at a column lies, its group beginning where <paramref name="groups"/> says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Place(int* groups, int column) => (nint)groups[column / Size] + column % Size;
}
