namespace Unroll.Metrics;

/// <summary>
/// exp and log in double from sums, products and quotients alone, so that a reported number has the same bits on every
/// machine; the platform's differ. Within 2 units in the last place.
/// </summary>
internal static class DoubleElementary
{
    // ln 2 in two parts: the first has 21 trailing zero bits, so that a multiple of it up to 2^11 is exact.
    private const double Ln2High = 0.693147180369123816490, Ln2Low = 1.90821492927058770002e-10;
    private const double InverseLn2 = 1.44269504088896340736;

    /// <summary>e to the power x: x = k ln 2 + r with |r| ≤ ln 2 / 2, and the Taylor series of e^r to the 13th power.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.79) return double.PositiveInfinity;
        if (x < -745.2) return 0;
        double k = Math.Floor(x * InverseLn2 + 0.5);
        double r = x - k * Ln2High - k * Ln2Low;
        double sum = 1;
        for (int n = 13; n >= 1; n--) sum = 1 + sum * r / n;
        // In two factors: near both ends 2^k alone is not a normal number.
        int half = (int)k / 2;
        return sum * PowerOfTwo(half) * PowerOfTwo((int)k - half);
    }

    /// <summary>
    /// The natural logarithm: x = 2^k m with m in [√½, √2), and ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with
    /// s = (m − 1) / (m + 1), |s| ≤ 0.172.
    /// </summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x)) return x;
        int k = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984; // 2^54 makes a subnormal number normal
            k = -54;
        }
        long bits = BitConverter.DoubleToInt64Bits(x);
        k += (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            k++;
        }
        double s = (m - 1) / (m + 1), square = s * s, sum = 0;
        for (int n = 23; n >= 3; n -= 2) sum = (sum + 1.0 / n) * square;
        return k * Ln2High + (2 * s + (2 * s * sum + k * Ln2Low));
    }

    private static double PowerOfTwo(int k) => BitConverter.Int64BitsToDouble((long)(k + 1023) << 52);
}
