using Unroll.Basics;
using Unroll.Kernels.Threading;

namespace Unroll.Tests.Support;

/// <summary>
/// Managed bytes that the calling thread and every thread of the team have allocated. The team must be free: for tests that run
/// alone.
/// </summary>
internal sealed class TeamAllocations
{
    private readonly long[] _before = new long[Threads.Count], _now = new long[Threads.Count];

    /// <summary>Starts counting.</summary>
    public void Start() => ThreadTeam.Run(new Probe(_before), _before.Length);

    /// <summary>Bytes allocated since the start, by thread, the caller first.</summary>
    public long[] Stop()
    {
        ThreadTeam.Run(new Probe(_now), _now.Length);
        return [.. _now.Zip(_before, (now, before) => now - before)];
    }

    private readonly struct Probe(long[] bytes) : ITeamWork
    {
        public void Part(int part, int parts)
        {
            if (parts != bytes.Length) throw new InvalidOperationException("The team was busy with other work."); // an assertion allocates
            bytes[part] = GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
