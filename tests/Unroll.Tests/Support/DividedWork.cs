using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Threading;

namespace Unroll.Tests.Support;

/// <summary>Runs with a number of threads and with every work worth dividing. Other tests may see it: results do not depend on it.</summary>
internal static class DividedWork
{
    private static readonly Lock s_settings = new();

    /// <param name="threads">How many threads.</param>
    /// <param name="run">What to run.</param>
    /// <param name="division">How sweeps are divided; null leaves it to them.</param>
    public static T On<T>(int threads, Func<T> run, SweepDivisionKind? division = null)
    {
        lock (s_settings)
        {
            (int count, double? operations) = (Threads.Count, TeamParts.OperationsOfPart);
            try
            {
                (Threads.Count, TeamParts.OperationsOfPart, SweepDivision.Forced) = (threads, 1, division);
                return run();
            }
            finally
            {
                (Threads.Count, TeamParts.OperationsOfPart, SweepDivision.Forced) = (count, operations, null);
            }
        }
    }
}
