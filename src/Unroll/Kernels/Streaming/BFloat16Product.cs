using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Streaming;

/// <summary>
/// One row times weights that keep the upper 16 bits of a float, in float32 arithmetic: half the bytes to read. Two groups
/// share a run of 32-bit words, the first in the lower halves and the second in the upper, so that a shift and a mask widen
/// them at any vector width.
/// </summary>
internal readonly unsafe struct BFloat16Product : IStreamProduct
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>Words of a packed matrix.</summary>
    public static long WordsOf(StreamMatrix matrix) => (long)matrix.Places / 2 * matrix.Rows * Size;

    /// <summary>Rounds a matrix to the nearest 16-bit floats, ties to even.</summary>
    public static void Pack(StreamMatrix matrix, float* values, uint* words)
    {
        int run = matrix.Rows * Size;
        for (int group = 0; group < matrix.Count; group += 2)
        {
            float* low = values + matrix.Sources[group], high = group + 1 < matrix.Count ? values + matrix.Sources[group + 1] : null;
            for (int i = 0; i < run; i++) *words++ = Round(low[i]) | (high == null ? 0 : Round(high[i]) << 16);
        }
    }

    public static void Run<TSimd, TVector>(StreamMatrix matrix, float* x, float* from, float* to, int first, int end)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        uint word = (uint)(first / 2 * Size), last = (uint)((end + 1) / 2 * Size), lanes = (uint)TSimd.Lanes;
        for (; word + 4 * lanes <= last; word += 4 * lanes) Body<TSimd, TVector, Four>(matrix, x, from, to, word);
        if (word + 2 * lanes <= last)
        {
            Body<TSimd, TVector, Two>(matrix, x, from, to, word);
            word += 2 * lanes;
        }
        if (word < last) Body<TSimd, TVector, One>(matrix, x, from, to, word);
    }

    /// <summary>One, two or four vectors of words, each two vectors of sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Body<TSimd, TVector, TVectors>(StreamMatrix matrix, float* x, float* from, float* to, uint word)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TVectors : struct, ICount
    {
        int* targets = matrix.Targets + word / Size * 2;
        nint inGroup = (nint)(word % Size), rows = matrix.Rows, run = rows * Size; // inGroup as in Float32Product
        from += inGroup;
        to += inGroup;
        float* w0 = matrix.Weights + (nint)(word / Size) * run + inGroup;
        float* w1 = TVectors.Value > 1 ? w0 + 1 * TSimd.Lanes / Size * run + 1 * TSimd.Lanes % Size : null;
        float* w2 = TVectors.Value > 2 ? w0 + 2 * TSimd.Lanes / Size * run + 2 * TSimd.Lanes % Size : null;
        float* w3 = TVectors.Value > 2 ? w0 + 3 * TSimd.Lanes / Size * run + 3 * TSimd.Lanes % Size : null;
        TVector c0 = TSimd.Load(from + Low(targets, 0)), d0 = TSimd.Load(from + High(targets, 0));
        TVector c1 = TVectors.Value > 1 ? TSimd.Load(from + Low(targets, 1 * TSimd.Lanes)) : TSimd.Zero;
        TVector d1 = TVectors.Value > 1 ? TSimd.Load(from + High(targets, 1 * TSimd.Lanes)) : TSimd.Zero;
        TVector c2 = TVectors.Value > 2 ? TSimd.Load(from + Low(targets, 2 * TSimd.Lanes)) : TSimd.Zero;
        TVector d2 = TVectors.Value > 2 ? TSimd.Load(from + High(targets, 2 * TSimd.Lanes)) : TSimd.Zero;
        TVector c3 = TVectors.Value > 2 ? TSimd.Load(from + Low(targets, 3 * TSimd.Lanes)) : TSimd.Zero;
        TVector d3 = TVectors.Value > 2 ? TSimd.Load(from + High(targets, 3 * TSimd.Lanes)) : TSimd.Zero;
        TVector upper = TSimd.Broadcast(BitConverter.UInt32BitsToSingle(0xFFFF0000));
        nint at = 0;
        for (nint k = 0; k < rows; k++)
        {
            TVector value = TSimd.Broadcast(x[k]);
            if (TVectors.Value > 2 && TSimd.Lanes >= 8)
            {
                Prefetch.Line(w0 + at + Prefetch.Distance);
                Prefetch.Line(w2 + at + Prefetch.Distance);
            }
            TVector both = TSimd.Load(w0 + at);
            c0 = TSimd.MultiplyAdd(value, TSimd.ShiftBitsLeft(both, 16), c0);
            d0 = TSimd.MultiplyAdd(value, TSimd.BitwiseAnd(both, upper), d0);
            if (TVectors.Value > 1)
            {
                both = TSimd.Load(w1 + at);
                c1 = TSimd.MultiplyAdd(value, TSimd.ShiftBitsLeft(both, 16), c1);
                d1 = TSimd.MultiplyAdd(value, TSimd.BitwiseAnd(both, upper), d1);
            }
            if (TVectors.Value > 2)
            {
                both = TSimd.Load(w2 + at);
                c2 = TSimd.MultiplyAdd(value, TSimd.ShiftBitsLeft(both, 16), c2);
                d2 = TSimd.MultiplyAdd(value, TSimd.BitwiseAnd(both, upper), d2);
                both = TSimd.Load(w3 + at);
                c3 = TSimd.MultiplyAdd(value, TSimd.ShiftBitsLeft(both, 16), c3);
                d3 = TSimd.MultiplyAdd(value, TSimd.BitwiseAnd(both, upper), d3);
            }
            at += Size;
        }
        TSimd.Store(c0, to + Low(targets, 0));
        TSimd.Store(d0, to + High(targets, 0));
        if (TVectors.Value > 1)
        {
            TSimd.Store(c1, to + Low(targets, 1 * TSimd.Lanes));
            TSimd.Store(d1, to + High(targets, 1 * TSimd.Lanes));
        }
        if (TVectors.Value > 2)
        {
            TSimd.Store(c2, to + Low(targets, 2 * TSimd.Lanes));
            TSimd.Store(d2, to + High(targets, 2 * TSimd.Lanes));
            TSimd.Store(c3, to + Low(targets, 3 * TSimd.Lanes));
            TSimd.Store(d3, to + High(targets, 3 * TSimd.Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Low(int* targets, int word) => (nint)targets[word / Size * 2] + word % Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint High(int* targets, int word) => (nint)targets[word / Size * 2 + 1] + word % Size;

    /// <summary>The nearest 16-bit float in the lower half of a word; NaN stays NaN.</summary>
    private static uint Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? bits >> 16 | 0x40 : bits + 0x7FFF + (bits >> 16 & 1) >> 16;
    }
}
