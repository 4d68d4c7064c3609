using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// What happens to a row of scores between the products. A row is as long as its visible keys, filled up to whole groups of
/// 16: element i belongs to lane i mod 16 whatever the processor has, so that sums have the same bits at every width.
/// </summary>
internal static unsafe class AttentionRows
{
    private const int Lanes = LaneTree.Lanes;

    /// <summary>The largest of <paramref name="largest"/> and <paramref name="count"/> scores; the rest of the last group becomes −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Largest<TSimd, TVector>(float* scores, int count, float largest)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int i = count; i % Lanes != 0; i++) scores[i] = float.NegativeInfinity;
        TVector found = TSimd.Broadcast(largest), other = found;
        int at = 0;
        for (; at <= count - 2 * TSimd.Lanes; at += 2 * TSimd.Lanes)
        {
            found = TSimd.Maximum(TSimd.Load(scores + at), found);
            other = TSimd.Maximum(TSimd.Load(scores + at + TSimd.Lanes), other);
        }
        for (; at < count; at += TSimd.Lanes) found = TSimd.Maximum(TSimd.Load(scores + at), found);
        float* lanes = stackalloc float[Lanes];
        TSimd.Store(TSimd.Maximum(found, other), lanes);
        for (int lane = 0; lane < TSimd.Lanes; lane++) if (lanes[lane] > largest) largest = lanes[lane];
        return largest;
    }

    /// <summary>scores = e^(scores − shift), and their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials<TSimd, TVector>(float* scores, int count, float shift)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* sums = stackalloc float[Lanes];
        TVector by = TSimd.Broadcast(shift);
        for (int lane = 0; lane < Lanes; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Zero;
            for (int i = lane; i < count + lane; i += Lanes)
            {
                TVector power = ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(TSimd.Load(scores + i), by));
                TSimd.Store(power, scores + i);
                sum = TSimd.Add(sum, power);
            }
            TSimd.Store(sum, sums + lane);
        }
        return LaneTree.Sum(sums);
    }

    /// <summary>
    /// From scores and the gradient of dropped weights to the dropped weights and the gradient of scores: p = e^(s − log sum),
    /// s ← m p, g ← p (m g − projection), with m = 1 where there is no mask.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients<TSimd, TVector>(float* scores, float* gradients, float* mask, int count, float logSum, float projection)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector shift = TSimd.Broadcast(logSum), project = TSimd.Broadcast(projection);
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector weight = ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(TSimd.Load(scores + i), shift));
            TVector gradient = TSimd.Load(gradients + i), kept = weight;
            if (mask != null)
            {
                TVector keep = TSimd.Load(mask + i);
                gradient = TSimd.Multiply(gradient, keep);
                kept = TSimd.Multiply(weight, keep);
            }
            TSimd.Store(kept, scores + i);
            TSimd.Store(TSimd.Multiply(weight, TSimd.Subtract(gradient, project)), gradients + i);
        }
    }
}
