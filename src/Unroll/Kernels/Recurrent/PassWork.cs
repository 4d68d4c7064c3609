using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>A pass shared by threads, each with its own rows or units from the first chunk of time to the last.</summary>
internal readonly struct PassWork<TPass> : ITeamWork where TPass : struct, ISimdKernel<PassArguments>
{
    private readonly PassArguments _pass;
    private readonly SweepDivisionKind _kind;

    private PassWork(in PassArguments pass, SweepDivisionKind kind) => (_pass, _kind) = (pass, kind);

    /// <summary>Runs a pass on as many threads as it is worth.</summary>
    /// <param name="pass">The pass; rows and units are divided here.</param>
    /// <param name="barriers">How often a step waits when the units are divided.</param>
    public static void Run(in PassArguments pass, int barriers)
    {
        var division = SweepDivision.For(in pass.Sweep, pass.MainLayout, barriers);
        ThreadTeam.Run(new PassWork<TPass>(in pass, division.Kind), division.Parts);
    }

    public void Part(int part, int parts)
    {
        PassArguments mine = _pass;
        mine.Divide(new TeamMember(part, parts), _kind);
        SimdWidth.Run<TPass, PassArguments>(in mine);
    }
}
