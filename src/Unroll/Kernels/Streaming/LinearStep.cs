using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Streaming;

/// <summary>The memory of a linear map of one row.</summary>
internal unsafe struct LinearStepArguments
{
    public StreamMatrix Matrix;

    /// <summary>The row as the product reads it.</summary>
    public float* X;

    /// <summary>The bias, and the result, both padded to whole groups.</summary>
    public float* From, To;

    /// <summary>A thread's share.</summary>
    public int FirstGroup, EndGroup;
}

/// <summary>y = b + x · W for one row.</summary>
internal readonly unsafe struct LinearStep<TProduct> : ISimdKernel<LinearStepArguments> where TProduct : struct, IStreamProduct
{
    public static void Run<TSimd, TVector>(in LinearStepArguments step) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TProduct.Run<TSimd, TVector>(step.Matrix, step.X, step.From, step.To, step.FirstGroup, step.EndGroup);
}

/// <summary>A linear map divided by columns.</summary>
internal readonly struct LinearStepWork<TProduct>(LinearStepArguments step) : ITeamWork where TProduct : struct, IStreamProduct
{
    private readonly LinearStepArguments _step = step;

    public void Part(int part, int parts)
    {
        LinearStepArguments mine = _step;
        (mine.FirstGroup, mine.EndGroup) = TeamParts.Range(part, parts, mine.Matrix.Count, StreamMatrix.GroupsOfPart);
        if (mine.FirstGroup < mine.EndGroup) SimdWidth.Run<LinearStep<TProduct>, LinearStepArguments>(in mine);
    }
}
