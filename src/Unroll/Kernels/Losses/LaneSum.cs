using System.Runtime.CompilerServices;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>What a row is summed over: gives one vector of terms, and may store something on the way.</summary>
internal interface IRowTerm
{
    /// <summary>
    /// The terms of the elements from <paramref name="index"/> on. The last vector of a row reaches up to fifteen
    /// elements past its end: what is read there counts nowhere, what is stored there must have room.
    /// </summary>
    TVector At<TSimd, TVector>(int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// Sums a row in sixteen lanes, element i in lane i mod 16, then the lanes in a fixed tree, whatever the width of the
/// vectors: so the sum has the same bits at every width.
/// </summary>
internal static unsafe class LaneSum
{
    public const int Lanes = LaneTree.Lanes;

    /// <summary>Fills what <see cref="Of{TTerm,TSimd,TVector}"/> takes as its indices: 0 to 15.</summary>
    public static void SetIndices(float* indices)
    {
        for (int i = 0; i < Lanes; i++) indices[i] = i;
    }

    /// <summary>The sum of a term over 0 to <paramref name="length"/>.</summary>
    /// <param name="term">What is summed.</param>
    /// <param name="length">How many elements the row has.</param>
    /// <param name="lanes">Room for sixteen floats.</param>
    /// <param name="indices">The numbers 0 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of<TTerm, TSimd, TVector>(TTerm term, int length, float* lanes, float* indices)
        where TTerm : struct, IRowTerm where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int i = 0;
        if (TSimd.Lanes == 16)
        {
            TVector sum = TSimd.Zero;
            for (; i <= length - 16; i += 16) sum = TSimd.Add(sum, term.At<TSimd, TVector>(i));
            TSimd.Store(sum, lanes);
        }
        else if (TSimd.Lanes == 8)
        {
            TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero;
            for (; i <= length - 16; i += 16)
            {
                sum0 = TSimd.Add(sum0, term.At<TSimd, TVector>(i));
                sum1 = TSimd.Add(sum1, term.At<TSimd, TVector>(i + 8));
            }
            TSimd.Store(sum0, lanes);
            TSimd.Store(sum1, lanes + 8);
        }
        else
        {
            for (int v = 0; v < Lanes; v += TSimd.Lanes) TSimd.Store(TSimd.Zero, lanes + v);
            for (; i <= length - 16; i += 16)
                for (int v = 0; v < Lanes; v += TSimd.Lanes)
                    TSimd.Store(TSimd.Add(TSimd.Load(lanes + v), term.At<TSimd, TVector>(i + v)), lanes + v);
        }

        // The last, partial sixteen: lanes past the end add zero, which changes no bit.
        TVector left = TSimd.Broadcast(length - i);
        for (int v = 0; i + v < length; v += TSimd.Lanes)
        {
            TVector inside = TSimd.LessThan(TSimd.Load(indices + v), left);
            TVector value = TSimd.Select(inside, term.At<TSimd, TVector>(i + v), TSimd.Zero);
            TSimd.Store(TSimd.Add(TSimd.Load(lanes + v), value), lanes + v);
        }
        return LaneTree.Sum(lanes);
    }

    /// <summary>The largest element of a row; NaN is passed over. Its order changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum<TSimd, TVector>(float* row, int length, float* lanes, float* indices)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector lowest = TSimd.Broadcast(float.NegativeInfinity);
        TVector largest0 = lowest, largest1 = lowest;
        int i = 0;
        for (; i <= length - 2 * TSimd.Lanes; i += 2 * TSimd.Lanes)
        {
            largest0 = TSimd.Maximum(TSimd.Load(row + i), largest0);
            largest1 = TSimd.Maximum(TSimd.Load(row + i + TSimd.Lanes), largest1);
        }
        for (; i < length; i += TSimd.Lanes)
        {
            TVector inside = TSimd.LessThan(TSimd.Load(indices), TSimd.Broadcast(length - i));
            largest0 = TSimd.Maximum(TSimd.Select(inside, TSimd.Load(row + i), lowest), largest0);
        }
        TSimd.Store(TSimd.Maximum(largest0, largest1), lanes);
        float largest = lanes[0];
        for (int j = 1; j < TSimd.Lanes; j++) largest = lanes[j] > largest ? lanes[j] : largest;
        return largest;
    }
}
