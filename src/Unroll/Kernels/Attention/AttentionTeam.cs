using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Attention;

/// <summary>What is done with each pair; pairs do not depend on one another.</summary>
internal interface IAttentionPass
{
    static abstract void Pair<TSimd, TVector>(in AttentionArguments arguments, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// Runs a pass over all pairs at the current vector width, on as many threads as it is worth. Pairs are dealt out in turn: long
/// sequences come first, and each thread gets its share of them.
/// </summary>
internal readonly struct AttentionTeam<TPass>(in AttentionArguments arguments) : ITeamWork, ISimdKernel<AttentionArguments>
    where TPass : IAttentionPass
{
    private readonly AttentionArguments _arguments = arguments;

    public static void Run(in AttentionArguments arguments, double operations) =>
        ThreadTeam.Run(new AttentionTeam<TPass>(in arguments), TeamParts.For(operations));

    public void Part(int part, int parts)
    {
        AttentionArguments mine = _arguments;
        (mine.Part, mine.Parts) = (part, parts);
        SimdWidth.Run<AttentionTeam<TPass>, AttentionArguments>(in mine);
    }

    public static void Run<TSimd, TVector>(in AttentionArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int number = arguments.Part; number < arguments.Pairs; number += arguments.Parts)
            TPass.Pair<TSimd, TVector>(in arguments, new AttentionPair(in arguments, number));
    }
}
