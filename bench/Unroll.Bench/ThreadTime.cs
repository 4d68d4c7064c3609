using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Unroll.Bench;

/// <summary>How long the calling thread has computed: on Linux without the time in which others had its processor, elsewhere by the clock.</summary>
internal static partial class ThreadTime
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    public static TimeSpan Now => OperatingSystem.IsLinux() && Environment.Is64BitProcess && ClockGetTime(ThreadClock, out Time time) == 0
        ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000)
        : Stopwatch.GetElapsedTime(0);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds, Nanoseconds;
    }
}
