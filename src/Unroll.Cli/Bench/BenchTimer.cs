using System.Diagnostics;

namespace Unroll.Cli.Bench;

/// <summary>What was measured of one call.</summary>
/// <param name="Milliseconds">The median time of a call.</param>
/// <param name="AllocatedBytes">Managed bytes that a call allocates once warm, rounded up.</param>
internal readonly record struct BenchTiming(double Milliseconds, long AllocatedBytes);

/// <summary>Times a call: warms it up until the compiler has settled, then takes the median over a time budget.</summary>
internal static class BenchTimer
{
    private const int MostSamples = 1 << 18;

    // .NET recompiles a method after 30 calls, in the background, and again when it has seen which way they go: a
    // Transformer's training step of 80 ms was a tenth slower before. The second limit is for calls that take seconds.
    private const int WarmCalls = 40;
    private static readonly TimeSpan WarmLeast = TimeSpan.FromSeconds(0.3), WarmMost = TimeSpan.FromSeconds(6);

    /// <summary>Measures a call for about that many seconds, at least five times.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static BenchTiming Measure(Action call, double seconds, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        for (int calls = 0; ; calls++)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (calls >= 2 && (elapsed >= WarmMost || (calls >= WarmCalls && elapsed >= WarmLeast))) break;
            cancel.ThrowIfCancellationRequested();
            call();
        }

        var samples = new long[MostSamples];
        int count = 0;
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        while (count < MostSamples && (count < 5 || Stopwatch.GetTimestamp() < end))
        {
            cancel.ThrowIfCancellationRequested();
            long before = Stopwatch.GetTimestamp();
            call();
            samples[count++] = Stopwatch.GetTimestamp() - before;
        }
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        Array.Sort(samples, 0, count);
        double ticks = count % 2 == 1 ? samples[count / 2] : 0.5 * (samples[count / 2 - 1] + samples[count / 2]);
        return new BenchTiming(ticks * 1000 / Stopwatch.Frequency, (bytes + count - 1) / count);
    }
}
