namespace Unroll.Cli.Demo;

/// <summary>
/// An hourly series with known parts, for the demonstration:
/// <code>
/// y(t) = 100 + 0.01·t + 20·sin(2πt/24) + 8·sin(2πt/168) + 3·e(t)      t = 0, 1, 2 …
/// e(t) = 0.8·e(t−1) + 0.6·g(t),  e(−1) = 0                            variance tends to 0.6²/(1 − 0.8²) = 1
/// g(t) = Σ u(seed, 12·t + k) − 6,  k = 0 … 11                         mean 0, variance 1 (Irwin–Hall)
/// u(seed, i) = (mix(seed + (i + 1)·0x9E3779B97F4A7C15) >> 11) / 2⁵³   in [0, 1)
/// </code>
/// where mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014). The noise remembers: at one step ahead no
/// forecast can have a root mean square error below 3·0.6 = 1.8, nor below 3 far ahead.
/// </summary>
/// <remarks>
/// Only whole numbers and +, −, · are used, in a fixed order, so that every machine gives the same bits; the sines come
/// from the recurrence sin((n+1)w) = 2·cos(w)·sin(nw) − sin((n−1)w) over one period.
/// </remarks>
internal static class GeneratedSeries
{
    /// <summary>The first hour.</summary>
    public static readonly DateTime Start = new(2024, 1, 1);

    // cos and sin of 2π/24 and 2π/168, to the nearest double.
    private static readonly double[] Daily = SineTable(24, 0.9659258262890683, 0.25881904510252074);
    private static readonly double[] Weekly = SineTable(168, 0.9993007047883985, 0.037391194276325625);

    /// <summary>The first <paramref name="length"/> values of the series with that seed; a longer one starts with the same values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A length below 1.</exception>
    public static float[] Create(int length, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var values = new float[length];
        double noise = 0;
        for (int t = 0; t < length; t++)
        {
            noise = 0.8 * noise + 0.6 * Normal(seed, t);
            values[t] = (float)(100 + 0.01 * t + 20 * Daily[t % 24] + 8 * Weekly[t % 168] + 3 * noise);
        }
        return values;
    }

    /// <summary>The hour of each of the first <paramref name="length"/> values.</summary>
    public static DateTime[] Dates(int length) => [.. Enumerable.Range(0, length).Select(hour => Start.AddHours(hour))];

    private static double Normal(ulong seed, int t)
    {
        double sum = -6;
        for (int k = 0; k < 12; k++) sum += Uniform(seed, 12UL * (ulong)t + (ulong)k);
        return sum;
    }

    private static double Uniform(ulong seed, ulong index)
    {
        unchecked
        {
            ulong z = seed + (index + 1) * 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }

    private static double[] SineTable(int period, double cosine, double sine)
    {
        var table = new double[period];
        table[1] = sine;
        for (int n = 2; n < period; n++) table[n] = 2 * cosine * table[n - 1] - table[n - 2];
        return table;
    }
}
