using Unroll.Basics;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The two directions of a layer read both ways, half a team each: the halves never wait for one another, and each keeps
/// the weights of its own direction in cache. Within a half the sequences are divided.
/// </summary>
internal readonly struct PairWork<TPass> : ITeamWork where TPass : struct, ISimdKernel<PassArguments>
{
    private readonly PassArguments _first, _second;

    private PairWork(in PassArguments first, in PassArguments second) => (_first, _second) = (first, second);

    /// <summary>Whether two passes are worth a team.</summary>
    public static bool IsWorth(in PassArguments pass) => Parts(in pass) > 1;

    /// <summary>Runs both passes.</summary>
    public static void Run(in PassArguments first, in PassArguments second) =>
        ThreadTeam.Run(new PairWork<TPass>(in first, in second), Parts(in first));

    public void Part(int part, int parts)
    {
        // A team that is taken leaves one thread, which then does both.
        int half = Math.Max(parts / 2, 1);
        for (int direction = 0; direction < 2; direction++)
        {
            if (parts > 1 && part / half != direction) continue;
            PassArguments mine = direction == 0 ? _first : _second;
            mine.Divide(new TeamMember(part % half, half, parts > 1 ? direction * half : 0), SweepDivisionKind.Rows);
            SimdWidth.Run<TPass, PassArguments>(in mine);
        }
    }

    private static int Parts(in PassArguments pass)
    {
        int rows = pass.Sweep.Sequence.Rows;
        int worth = TeamParts.For(4.0 * pass.MainLayout.Rows * pass.MainLayout.StoredColumns * rows);
        return Math.Min(Math.Min(worth, Threads.Count) / 2, Math.Max(pass.Sweep.Sequence.Batch, 1)) * 2;
    }
}
