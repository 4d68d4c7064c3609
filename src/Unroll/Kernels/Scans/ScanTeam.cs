using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Scans;

/// <summary>Runs a scan on as many threads as it is worth.</summary>
internal static class ScanTeam
{
    /// <summary>What a number of the scan is worth in floating-point operations: its gate, and the passing of memory.</summary>
    private const double OperationsOfNumber = 4 * TeamKernel.OperationsOfElement;

    public static void Run<TKernel>(in ScanArguments arguments) where TKernel : struct, ISimdKernel<ScanArguments> =>
        ThreadTeam.Run(new Work<TKernel> { Arguments = arguments }, TeamParts.For(OperationsOfNumber * arguments.Sequence.Rows * arguments.Units));

    private struct Work<TKernel> : ITeamWork where TKernel : struct, ISimdKernel<ScanArguments>
    {
        public ScanArguments Arguments;

        public readonly void Part(int part, int parts)
        {
            ScanArguments mine = Arguments;
            (mine.Part, mine.Parts) = (part, parts);
            SimdWidth.Run<TKernel, ScanArguments>(in mine);
        }
    }
}
