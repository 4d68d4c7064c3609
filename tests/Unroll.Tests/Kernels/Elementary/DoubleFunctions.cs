namespace Unroll.Tests.Kernels.Elementary;

/// <summary>Functions that <see cref="Math"/> lacks, in double, to compare with.</summary>
internal static class DoubleFunctions
{
    /// <summary>Kahan's form: the rounding of e^x and of its logarithm cancel.</summary>
    public static double ExpM1(double x)
    {
        double u = Math.Exp(x);
        if (u == 1) return x;
        if (u - 1 == -1 || double.IsInfinity(u)) return u - 1;
        return (u - 1) * x / Math.Log(u);
    }

    /// <summary>Kahan's form, as above.</summary>
    public static double Log1p(double x)
    {
        double u = 1 + x;
        if (u == 1) return x;
        return double.IsPositiveInfinity(u) ? u : Math.Log(u) * x / (u - 1);
    }

    /// <summary>2/√π e^(−x²) Σ 2^k x^(2k+1) / (1·3·…·(2k+1)): all terms have one sign.</summary>
    public static double Erf(double x)
    {
        if (double.IsNaN(x)) return x;
        if (Math.Abs(x) > 6) return Math.Sign(x);
        double term = x, sum = x;
        for (int k = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; k++) sum += term *= 2 * x * x / (2 * k + 1);
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
