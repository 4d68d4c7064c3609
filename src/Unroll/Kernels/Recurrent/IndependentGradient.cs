using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Adds the gradient of the recurrent weights of an independently recurrent layer: du += Σ da ⊙ hₜ₋₁ over the sweep's steps,
/// descending, and rows, ascending, after the backward sweep has left da in the gates' buffer.
/// </summary>
internal static unsafe class IndependentGradient
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>One thread's part: some of the blocks of units.</summary>
    public static void Share<TSimd, TVector>(in SweepArguments sweep, float* gradients, TeamMember member)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        (int first, int end) = TeamParts.Range(member.Part, member.Parts, sweep.BlockCount, 1);
        for (int step = sweep.EndStep - 1; step >= sweep.FirstStep; step--)
        {
            int rows = sweep.Sequence.RowsAt(step), past = Math.Min(sweep.RowsWithPast(step), rows);
            // Sums of neighbouring blocks do not wait for one another.
            for (int block = first; block < end; block++)
            {
                Sums<TSimd, TVector>(in sweep, step, block, 0, past, hasPast: true, gradients + block * Size);
                Sums<TSimd, TVector>(in sweep, step, block, past, rows, hasPast: false, gradients + block * Size);
            }
        }
    }

    /// <summary>Clears the gradient of weights beyond ± <paramref name="limit"/> where a step against it would lead further out, so that they stay at the limit but can come back.</summary>
    public static void StopOutward(float* weights, float* gradients, int count, float limit)
    {
        for (int i = 0; i < count; i++)
            if (MathF.Abs(weights[i]) > limit && weights[i] * gradients[i] < 0) gradients[i] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums<TSimd, TVector>(in SweepArguments sweep, int step, int block, int firstRow, int endRow, bool hasPast, float* sums)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (firstRow == endRow) return;
        float* before = sweep.PreviousOperands(step, hasPast, out nint stride);
        if (before == null) return; // they begin with zeros
        int unit = block * Size, valid = Math.Min(Size, sweep.Units - unit);
        before += firstRow * stride + unit;
        float* gates = sweep.Gates + block * sweep.GateBlockStride + (sweep.Sequence.Offset(step) + firstRow) * sweep.GateRowStride;
        nint gateStride = sweep.GateRowStride;
        int u = 0;
        for (; u <= valid - TSimd.Lanes; u += TSimd.Lanes) Column<TSimd, TVector>(gates + u, gateStride, before + u, stride, endRow - firstRow, sums + u);
        for (; u < valid; u++) Column<SimdScalar, float>(gates + u, gateStride, before + u, stride, endRow - firstRow, sums + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column<TSimd, TVector>(float* gates, nint gateStride, float* before, nint stride, int rows, float* sums)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector sum = TSimd.Load(sums);
        for (; rows > 0; rows--, gates += gateStride, before += stride) sum = TSimd.MultiplyAdd(TSimd.Load(gates), TSimd.Load(before), sum);
        TSimd.Store(sum, sums);
    }
}
