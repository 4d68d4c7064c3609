using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Adds the gradients of the peephole weights: dpᵢ += Σ daᵢ ⊙ cₜ₋₁, dp_f += Σ da_f ⊙ cₜ₋₁, dpₒ += Σ daₒ ⊙ cₜ over the sweep's
/// steps, descending, and rows, ascending, after the backward sweep has left the gradients in the gates' buffer.
/// </summary>
internal static unsafe class PeepholeGradient
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>One thread's part: some of the blocks of units.</summary>
    public static void Share<TSimd, TVector>(in SweepArguments sweep, float* gradients, TeamMember member)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        (int first, int end) = TeamParts.Range(member.Part, member.Parts, sweep.BlockCount, 1);
        for (int block = first; block < end; block++)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                Lanes<TSimd, TVector>(in sweep, block, u, gradients + block * 3 * Size + u);
    }

    private static void Lanes<TSimd, TVector>(in SweepArguments sweep, int block, int u, float* gradients)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector input = TSimd.Load(gradients), forget = TSimd.Load(gradients + Size), output = TSimd.Load(gradients + 2 * Size);
        for (int step = sweep.EndStep - 1; step >= sweep.FirstStep; step--)
        {
            int rows = sweep.Sequence.RowsAt(step), past = Math.Min(sweep.RowsWithPast(step), rows), offset = sweep.Sequence.Offset(step);
            float* gates = sweep.Gates + block * sweep.GateBlockStride + offset * sweep.GateRowStride + u;
            float* carry = sweep.Carry + block * sweep.CarryBlockStride + (nint)offset * Size + u;
            for (int row = 0; row < rows; row++, gates += sweep.GateRowStride, carry += Size)
            {
                float* before = sweep.PreviousCarries(step, row < past, out nint stride);
                if (before != null)
                {
                    TVector previous = TSimd.Load(before + block * stride + row * Size + u);
                    input = TSimd.MultiplyAdd(TSimd.Load(gates), previous, input);
                    forget = TSimd.MultiplyAdd(TSimd.Load(gates + Size), previous, forget);
                }
                output = TSimd.MultiplyAdd(TSimd.Load(gates + 3 * Size), TSimd.Load(carry), output);
            }
        }
        TSimd.Store(input, gradients);
        TSimd.Store(forget, gradients + Size);
        TSimd.Store(output, gradients + 2 * Size);
    }
}
