using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>
/// What a row of logits is compared with, class by class: v_c = w_c (keep · q_c + uniform). q are the targets, w the
/// class weights; a null q stands for zeros, a null w for ones.
/// </summary>
internal readonly unsafe struct ClassDistribution(float* targets, float* classWeights, float keep, float uniform)
{
    public readonly float* Targets = targets, ClassWeights = classWeights;
    public readonly float Keep = keep, Uniform = uniform;

    /// <summary>The distribution of the row that begins <paramref name="offset"/> floats on.</summary>
    public ClassDistribution From(long offset) => new(Targets is null ? null : Targets + offset, ClassWeights, Keep, Uniform);

    /// <summary>keep · q + uniform, before class weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Smoothed<TSimd, TVector>(int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector uniform = TSimd.Broadcast(Uniform);
        return Targets is null ? uniform : TSimd.MultiplyAdd(TSimd.Load(Targets + index), TSimd.Broadcast(Keep), uniform);
    }

    /// <summary>v, from <paramref name="smoothed"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Weighted<TSimd, TVector>(int index, TVector smoothed) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        ClassWeights is null ? smoothed : TSimd.Multiply(smoothed, TSimd.Load(ClassWeights + index));
}
