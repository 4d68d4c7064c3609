using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// One query with one key: Σ_u v_u tanh(q_u + k_u) and its gradients, U numbers a row. Unit u belongs to lane u mod 16 whatever the
/// processor has, as in <see cref="RowSum"/>.
/// </summary>
internal static unsafe class AdditiveRow
{
    private const int Lanes = LaneTree.Lanes;

    /// <summary>The score.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Score<TSimd, TVector>(float* query, float* key, float* direction, int units)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* sums = stackalloc float[Lanes];
        int whole = units - units % Lanes;
        for (int lane = 0; lane < Lanes; lane += TSimd.Lanes)
        {
            // Blocks of 16 units go to one sum and the other in turn: two chains, for one is slower than the tanh.
            TVector even = TSimd.Zero, odd = even;
            int u = lane;
            for (; u < whole - Lanes; u += 2 * Lanes)
            {
                even = Term<TSimd, TVector>(query + u, key + u, direction + u, even);
                odd = Term<TSimd, TVector>(query + u + Lanes, key + u + Lanes, direction + u + Lanes, odd);
            }
            if (u < whole) even = Term<TSimd, TVector>(query + u, key + u, direction + u, even);
            TSimd.Store(TSimd.Add(even, odd), sums + lane);
        }
        for (int u = whole; u < units; u++)
            sums[u - whole] = Term<SimdScalar, float>(query + u, key + u, direction + u, sums[u - whole]);
        return LaneTree.Sum(sums);
    }

    /// <summary>
    /// With h = tanh(q + k) computed again and s the score's gradient: g = s v (1 − h²) goes into the gradients of query and key and,
    /// where wanted, to a place of its own; s h goes into v's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Slope<TSimd, TVector>(
        float slope, float* query, float* key, float* direction, float* ofQuery, float* ofKey, float* ofDirection, float* own, int units)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int u = 0;
        for (; u <= units - TSimd.Lanes; u += TSimd.Lanes)
            Step<TSimd, TVector>(slope, query + u, key + u, direction + u, ofQuery + u, ofKey + u, ofDirection + u, own == null ? null : own + u);
        for (; u < units; u++)
            Step<SimdScalar, float>(slope, query + u, key + u, direction + u, ofQuery + u, ofKey + u, ofDirection + u, own == null ? null : own + u);
    }

    /// <summary>to = from + Σ_c features_c kernel_c, one chain over ascending c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shift<TSimd, TVector>(float* from, float* features, int count, float* kernel, int units, float* to)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int u = 0;
        for (; u <= units - TSimd.Lanes; u += TSimd.Lanes) ShiftStep<TSimd, TVector>(from + u, features, count, kernel + u, units, to + u);
        for (; u < units; u++) ShiftStep<SimdScalar, float>(from + u, features, count, kernel + u, units, to + u);
    }

    /// <summary>to += factor · from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TSimd, TVector>(float factor, float* from, float* to, int units)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector by = TSimd.Broadcast(factor);
        int u = 0;
        for (; u <= units - TSimd.Lanes; u += TSimd.Lanes) TSimd.Store(TSimd.MultiplyAdd(by, TSimd.Load(from + u), TSimd.Load(to + u)), to + u);
        for (; u < units; u++) to[u] = MathF.FusedMultiplyAdd(factor, from[u], to[u]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Term<TSimd, TVector>(float* query, float* key, float* direction, TVector sum)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(TSimd.Load(direction), TanhFunction.Of<TSimd, TVector>(TSimd.Add(TSimd.Load(query), TSimd.Load(key))), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ShiftStep<TSimd, TVector>(float* from, float* features, int count, float* kernel, int units, float* to)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector sum = TSimd.Load(from);
        for (int c = 0; c < count; c++) sum = TSimd.MultiplyAdd(TSimd.Broadcast(features[c]), TSimd.Load(kernel + (nint)c * units), sum);
        TSimd.Store(sum, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TSimd, TVector>(float slope, float* query, float* key, float* direction, float* ofQuery, float* ofKey, float* ofDirection, float* own)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector hidden = TanhFunction.Of<TSimd, TVector>(TSimd.Add(TSimd.Load(query), TSimd.Load(key))), by = TSimd.Broadcast(slope);
        TVector gradient = TSimd.Multiply(TSimd.Multiply(by, TSimd.Load(direction)), TSimd.Subtract(TSimd.Broadcast(1f), TSimd.Multiply(hidden, hidden)));
        TSimd.Store(TSimd.Add(TSimd.Load(ofQuery), gradient), ofQuery);
        TSimd.Store(TSimd.Add(TSimd.Load(ofKey), gradient), ofKey);
        TSimd.Store(TSimd.MultiplyAdd(by, hidden, TSimd.Load(ofDirection)), ofDirection);
        if (own != null) TSimd.Store(gradient, own);
    }
}
