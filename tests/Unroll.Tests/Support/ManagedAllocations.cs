namespace Unroll.Tests.Support;

/// <summary>Managed bytes that work allocates on the calling thread.</summary>
internal static class ManagedAllocations
{
    /// <summary>
    /// The least of three tries, the first that is 0 ending them: a collection that another thread starts meanwhile moves the counter by
    /// part of an 8 KiB allocation block, and does so once.
    /// </summary>
    public static long Of(Action work)
    {
        long least = long.MaxValue;
        for (int tries = 0; tries < 3 && least != 0; tries++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
