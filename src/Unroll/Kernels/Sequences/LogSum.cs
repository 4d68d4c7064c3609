using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Sequences;

/// <summary>
/// log Σ e^x without overflow: the largest goes out first. Terms of −∞ count nothing, a sum of them alone is −∞, and
/// NaN stays NaN.
/// </summary>
internal static unsafe class LogSum
{
    /// <summary>What to subtract before e^x: the largest, or 0 where every term is −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Shift<TSimd, TVector>(TVector largest) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Select(TSimd.Equal(largest, TSimd.Broadcast(float.NegativeInfinity)), TSimd.Zero, largest);

    /// <summary>log(e^a + e^b + e^c), lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OfThree<TSimd, TVector>(TVector a, TVector b, TVector c) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector shift = Shift<TSimd, TVector>(TSimd.Maximum(TSimd.Maximum(a, b), c));
        TVector sum = TSimd.Add(
            TSimd.Add(ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(a, shift)), ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(b, shift))),
            ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(c, shift)));
        return TSimd.Add(shift, LogFunction.Of<TSimd, TVector>(sum));
    }

    /// <summary>
    /// Subtracts the largest of a row from it, which keeps a long chain of sums small and exact, and gives it; 0 for a
    /// row of −∞ alone.
    /// </summary>
    public static float Rebase(float* row, int count)
    {
        float largest = float.NegativeInfinity;
        for (int i = 0; i < count; i++) largest = row[i] > largest ? row[i] : largest;
        if (float.IsNegativeInfinity(largest)) return 0f;
        for (int i = 0; i < count; i++) row[i] -= largest;
        return largest;
    }

    /// <summary>log Σ e^(a_i + b_i), in order.</summary>
    public static float OfSums(float* a, float* b, int count)
    {
        float largest = float.NegativeInfinity, sum = 0f;
        for (int i = 0; i < count; i++) largest = a[i] + b[i] > largest ? a[i] + b[i] : largest;
        float shift = float.IsNegativeInfinity(largest) ? 0f : largest;
        for (int i = 0; i < count; i++) sum += ExpFunction.Of<SimdScalar, float>(a[i] + b[i] - shift);
        return shift + LogFunction.Of<SimdScalar, float>(sum);
    }
}
