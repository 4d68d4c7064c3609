using System.Collections.Concurrent;
using Unroll.Basics;

namespace Unroll.Bench;

/// <summary>Runs trainings side by side, one on each processor with one thread: their bits are the same as with several threads each.</summary>
internal static class SideBySide
{
    /// <summary>The results of all runs, in the runs' order.</summary>
    /// <param name="runs">The longest first, so that none is left for the end.</param>
    /// <param name="run">Trains one; its result is written to the error stream as soon as it is there.</param>
    public static TResult[] Run<TRun, TResult>(IReadOnlyList<TRun> runs, Func<TRun, TResult> run)
    {
        Threads.Count = 1;
        var results = new TResult[runs.Count];
        var places = Partitioner.Create(Enumerable.Range(0, runs.Count), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(places, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, place =>
        {
            results[place] = run(runs[place]);
            Console.Error.WriteLine(results[place]);
        });
        return results;
    }
}
