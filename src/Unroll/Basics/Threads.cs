using System.Globalization;

namespace Unroll.Basics;

/// <summary>How many threads one call may compute with. Results are the same bits for any number.</summary>
public static class Threads
{
    /// <summary>The most threads that can be asked for.</summary>
    public const int Limit = 256;

    private static int s_count = Choose(Environment.GetEnvironmentVariable("UNROLL_THREADS"));

    /// <summary>
    /// Threads of one call, the calling one included: 1 to 256. Default: the environment variable UNROLL_THREADS, else the
    /// number of processors. Small work stays on the calling thread.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1 or above 256.</exception>
    public static int Count
    {
        get => s_count;
        set => s_count = value is >= 1 and <= Limit
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), $"Threads.Count is {value}; expected 1 to {Limit}.");
    }

    /// <summary>The number for a value of UNROLL_THREADS; the number of processors for null or an empty value.</summary>
    /// <exception cref="ArgumentException">Not a whole number from 1 to 256.</exception>
    internal static int Choose(string? wanted)
    {
        if (string.IsNullOrWhiteSpace(wanted)) return Math.Clamp(Environment.ProcessorCount, 1, Limit);
        return int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Limit
            ? count
            : throw new ArgumentException($"UNROLL_THREADS is '{wanted}'; expected a whole number from 1 to {Limit}.");
    }
}
