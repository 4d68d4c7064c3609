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
        for (int block = first; block < end; block++) Sums<TSimd, TVector>(in sweep, block, gradients + block * Size);
    }

    /// <summary>Clears the gradient of weights beyond ± <paramref name="limit"/> where a step against it would lead further out, so that they stay at the limit but can come back.</summary>
    public static void StopOutward(float* weights, float* gradients, int count, float limit)
    {
        for (int i = 0; i < count; i++)
            if (MathF.Abs(weights[i]) > limit && weights[i] * gradients[i] < 0) gradients[i] = 0;
    }

    private static void Sums<TSimd, TVector>(in SweepArguments sweep, int block, float* sums)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* copy = stackalloc float[Size];
        int unit = block * Size, valid = Math.Min(Size, sweep.Units - unit);
        for (int step = sweep.EndStep - 1; step >= sweep.FirstStep; step--)
        {
            int rows = sweep.Sequence.RowsAt(step), past = Math.Min(sweep.RowsWithPast(step), rows);
            float* gates = sweep.Gates + block * sweep.GateBlockStride + sweep.Sequence.Offset(step) * sweep.GateRowStride;
            for (int row = 0; row < rows; row++, gates += sweep.GateRowStride)
            {
                float* before = sweep.PreviousOperands(step, row < past, out nint stride);
                if (before == null) break; // the rows that follow begin with zeros too
                before += row * stride + unit;
                if (valid < Size)
                {
                    PaddedRow.Fill(before, valid, copy);
                    before = copy;
                }
                for (int u = 0; u < Size; u += TSimd.Lanes)
                    TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(gates + u), TSimd.Load(before + u), TSimd.Load(sums + u)), sums + u);
            }
        }
    }
}
