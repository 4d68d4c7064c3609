using System.Diagnostics;
using Unroll.Kernels.Simd;

namespace Unroll.Cli.Bench;

/// <summary>
/// How many floating-point operations the processor does in a second when it does nothing but independent fused
/// multiply-adds in registers, at the kernels' vector width: the ceiling that the models' speed is compared with.
/// </summary>
internal static unsafe class PeakMeter
{
    private const int Rounds = 12;
    private const double RoundSeconds = 0.015;

    private static readonly (int Sums, Action<PeakArguments> Run)[] Loops =
    [
        (8, arguments => SimdWidth.Run<PeakLoop8, PeakArguments>(in arguments)),
        (12, arguments => SimdWidth.Run<PeakLoop12, PeakArguments>(in arguments)),
        (24, arguments => SimdWidth.Run<PeakLoop24, PeakArguments>(in arguments)),
    ];

    /// <summary>The best of three different loops on that many threads together, in operations a second.</summary>
    public static double Measure(int threads, CancellationToken cancel)
    {
        int lanes = SimdWidth.Current / 32;
        double best = 0;
        foreach ((int sums, Action<PeakArguments> run) in Loops)
        {
            long count = 1 << 14;
            while (Seconds(run, count, 1) < RoundSeconds && count < 1L << 40) count *= 2;
            for (int round = 0; round < Rounds; round++)
            {
                cancel.ThrowIfCancellationRequested();
                best = Math.Max(best, 2.0 * sums * lanes * count * threads / Seconds(run, count, threads));
            }
        }
        return best;
    }

    // From the moment when all threads stand ready to the end of the last.
    private static double Seconds(Action<PeakArguments> run, long count, int threads)
    {
        long begin = long.MaxValue, end = 0;
        var gate = new Lock();
        using var ready = new Barrier(threads);
        void Work()
        {
            float* result = stackalloc float[16];
            ready.SignalAndWait();
            long from = Stopwatch.GetTimestamp();
            run(new PeakArguments(0.5f, 1e-9f, count, result));
            long to = Stopwatch.GetTimestamp();
            lock (gate) (begin, end) = (Math.Min(begin, from), Math.Max(end, to));
        }
        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(_ => new Thread(Work))];
        foreach (Thread other in others) other.Start();
        Work();
        foreach (Thread other in others) other.Join();
        return (double)(end - begin) / Stopwatch.Frequency;
    }
}
