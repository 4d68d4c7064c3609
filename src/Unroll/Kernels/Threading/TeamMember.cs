namespace Unroll.Kernels.Threading;

/// <summary>One of the threads that share a work step by step.</summary>
/// <param name="Part">Which part of the work is its own, from 0.</param>
/// <param name="Parts">How many parts there are, at least 1.</param>
/// <param name="First">The team's number of part 0, where only some of a team share the work.</param>
internal readonly record struct TeamMember(int Part, int Parts, int First = 0)
{
    /// <summary>A thread that works alone and waits for nobody.</summary>
    public static TeamMember Alone => new(0, 1);

    /// <summary>Returns when every other member has called this as often as this one. Only within <see cref="ITeamWork.Part"/>.</summary>
    public void AwaitOthers()
    {
        if (Parts > 1) ThreadTeam.AwaitOthers(First + Part, First, First + Parts);
    }
}
