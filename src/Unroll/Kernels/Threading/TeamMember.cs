namespace Unroll.Kernels.Threading;

/// <summary>One of the threads that share a work step by step; by default a thread alone, which waits for nobody.</summary>
/// <param name="part">Which part of the work is its own.</param>
/// <param name="parts">How many parts there are.</param>
internal readonly struct TeamMember(int part, int parts)
{
    /// <summary>Returns when every other member has called this as often as this one. Only within <see cref="ITeamWork.Part"/>.</summary>
    public void AwaitOthers()
    {
        if (parts > 1) ThreadTeam.AwaitOthers(part, parts);
    }
}
