using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>A sweep divided by rows or by units.</summary>
internal readonly struct SweepWork<TSweep> : ITeamWork where TSweep : struct, ISimdKernel<SweepArguments>
{
    private readonly SweepArguments _sweep;
    private readonly SweepDivisionKind _kind;

    private SweepWork(in SweepArguments sweep, SweepDivisionKind kind) => (_sweep, _kind) = (sweep, kind);

    /// <summary>Runs a sweep over its steps on as many threads as it is worth.</summary>
    /// <param name="sweep">Steps and memory; rows and units are divided here.</param>
    /// <param name="barriers">How often a step waits when the units are divided.</param>
    public static void Run(in SweepArguments sweep, int barriers)
    {
        var division = SweepDivision.For(in sweep, barriers);
        ThreadTeam.Run(new SweepWork<TSweep>(in sweep, division.Kind), division.Parts);
    }

    public void Part(int part, int parts)
    {
        SweepArguments mine = _sweep;
        (mine.FirstRow, mine.EndRow, mine.FirstBlock, mine.EndBlock) = (0, _sweep.Sequence.Batch, 0, _sweep.BlockCount);
        if (_kind == SweepDivisionKind.Units)
        {
            (mine.FirstBlock, mine.EndBlock) = TeamParts.Range(part, parts, _sweep.BlockCount, 1);
            mine.Division = new TeamMember(part, parts);
        }
        else
        {
            mine.FirstRow = SweepDivision.Boundary(in _sweep, part, parts);
            mine.EndRow = SweepDivision.Boundary(in _sweep, part + 1, parts);
        }
        SimdWidth.Run<TSweep, SweepArguments>(in mine);
    }
}
