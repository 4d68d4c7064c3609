namespace Unroll.Kernels.Scalars;

/// <summary>
/// Powers, logarithms and cosines of single numbers in double, for schedules, bias corrections and initial values.
/// Only +, −, · and / in a fixed order, so that every machine gives the same bits; the platform's library does not.
/// Relative errors are below 4e-15 for the ranges used (a test compares).
/// </summary>
internal static class ScalarMath
{
    private const double Ln2High = 0.693147180369123816490;  // 33 bits, so that a whole multiple is exact
    private const double Ln2Low = 1.90821492927058770002e-10; // ln 2 − Ln2High
    private const double InverseLn2 = 1.44269504088896338700;

    /// <summary>x to a whole power of at least 0, by repeated squaring.</summary>
    public static double WholePower(double x, long exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        double result = 1;
        for (double square = x; exponent > 0; exponent >>= 1, square *= square)
            if ((exponent & 1) != 0) result *= square;
        return result;
    }

    /// <summary>x to any power, for x ≥ 0; 0 to the power 0 is 1.</summary>
    public static double Power(double x, double exponent) => exponent == 0 ? 1 : x == 0 ? 0 : Exp(exponent * Log(x));

    /// <summary>e to the power x: x = k·ln 2 + r with |r| ≤ ln 2 / 2, and the series of e^r.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.7) return double.PositiveInfinity;
        if (x < -745.2) return 0;
        double k = Math.Round(x * InverseLn2);
        double r = x - k * Ln2High - k * Ln2Low;
        double sum = 1;
        for (int n = 18; n >= 1; n--) sum = 1 + r / n * sum;
        // Two factors, for the scale of a subnormal result is itself no normal number.
        int half = (int)k / 2;
        return sum * PowerOfTwo(half) * PowerOfTwo((int)k - half);
    }

    /// <summary>ln x: x = m·2^e with m in [√½, √2), and the series of 2·artanh((m − 1)/(m + 1)).</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x)) return x;
        int exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984; // 2^54 makes a subnormal normal
            exponent = -54;
        }
        long bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
        {
            m /= 2;
            exponent++;
        }
        double s = (m - 1) / (m + 1), square = s * s, sum = 0;
        for (int n = 25; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
        return exponent * Ln2High + (exponent * Ln2Low + 2 * s * sum);
    }

    /// <summary>cos(π·x) for x in [0, 1].</summary>
    public static double CosineOfHalfTurn(double x)
    {
        if (x > 0.5) return -CosineOfHalfTurn(1 - x);
        double angle = Math.PI * x, square = angle * angle, sum = 1;
        for (int n = 26; n >= 2; n -= 2) sum = 1 - square / (n * (n - 1)) * sum;
        return sum;
    }

    /// <summary>sin x and cos x for |x| below a million: x less quarter turns, and the series of what is left; absolute errors below 1e-15.</summary>
    public static (double Sine, double Cosine) SineAndCosine(double x)
    {
        const double high = 1.57079632673412561417, low = 6.07710050650619224932e-11; // π/2 in 33 bits, and the rest
        double turns = Math.Round(x * (2 / Math.PI)), angle = x - turns * high - turns * low, square = angle * angle, sine = 1, cosine = 1;
        for (int n = 20; n >= 2; n -= 2)
        {
            cosine = 1 - square / (n * (n - 1)) * cosine;
            sine = 1 - square / (n * (n + 1)) * sine;
        }
        sine *= angle;
        return ((long)turns & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }

    private static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
