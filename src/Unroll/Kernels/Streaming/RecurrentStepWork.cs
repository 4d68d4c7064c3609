using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Streaming;

/// <summary>A step divided by blocks of units.</summary>
internal readonly struct RecurrentStepWork<TKernel>(RecurrentStepArguments step) : ITeamWork where TKernel : struct, ISimdKernel<RecurrentStepArguments>
{
    // Even numbers of blocks, so that no part cuts a pair of groups.
    private const int BlocksOfPart = 2;

    private readonly RecurrentStepArguments _step = step;

    public void Part(int part, int parts)
    {
        RecurrentStepArguments mine = _step;
        (mine.FirstBlock, mine.EndBlock) = TeamParts.Range(part, parts, mine.Blocks, BlocksOfPart);
        if (mine.FirstBlock < mine.EndBlock) SimdWidth.Run<TKernel, RecurrentStepArguments>(in mine);
    }
}
