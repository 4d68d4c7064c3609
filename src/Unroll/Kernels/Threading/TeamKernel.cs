using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Threading;

/// <summary>A kernel's arguments with a thread's share of its rows or elements: <see cref="First"/> up to, without, <see cref="End"/>.</summary>
internal readonly struct Share<TArguments>(in TArguments arguments, int first, int end)
{
    public readonly TArguments Arguments = arguments;
    public readonly int First = first, End = end;
}

/// <summary>Runs a kernel whose rows (or elements) do not depend on one another, on as many threads as it is worth.</summary>
internal static class TeamKernel
{
    /// <summary>
    /// What an element of a pass over memory is worth in floating-point operations: it waits for the memory longer than it
    /// computes. For <c>operations</c> of <see cref="Run"/>.
    /// </summary>
    public const double OperationsOfElement = 16;

    /// <param name="arguments">Read by every thread.</param>
    /// <param name="count">Rows or elements in all.</param>
    /// <param name="unit">A share begins at a multiple of this.</param>
    /// <param name="operations">Floating-point operations in all, or what the time is worth in them.</param>
    public static void Run<TKernel, TArguments>(in TArguments arguments, int count, int unit, double operations)
        where TKernel : ISimdKernel<Share<TArguments>> where TArguments : struct
    {
        int parts = TeamParts.For(operations);
        if (parts == 1) SimdWidth.Run<TKernel, Share<TArguments>>(new Share<TArguments>(in arguments, 0, count));
        else ThreadTeam.Run(new Work<TKernel, TArguments>(in arguments, count, unit), parts);
    }

    private readonly struct Work<TKernel, TArguments>(in TArguments arguments, int count, int unit) : ITeamWork
        where TKernel : ISimdKernel<Share<TArguments>> where TArguments : struct
    {
        private readonly TArguments _arguments = arguments;
        private readonly int _count = count, _unit = unit;

        public void Part(int part, int parts)
        {
            (int first, int end) = TeamParts.Range(part, parts, _count, _unit);
            if (first < end) SimdWidth.Run<TKernel, Share<TArguments>>(new Share<TArguments>(in _arguments, first, end));
        }
    }
}
