namespace Unroll.Tests.Reference;

/// <summary>Losses of one row in double precision, from their textbook formulas: probabilities are computed and logged.</summary>
internal static class LossReference
{
    public static double[] Softmax(double[] x)
    {
        double largest = x.Max();
        double[] e = [.. x.Select(value => Math.Exp(value - largest))];
        double sum = e.Sum();
        return [.. e.Select(value => value / sum)];
    }

    public static double CrossEntropy(double[] x, double[] q, double smoothing, double[]? classWeights)
    {
        double[] p = Softmax(x);
        double total = 0;
        for (int c = 0; c < x.Length; c++)
            total -= (classWeights?[c] ?? 1) * ((1 - smoothing) * q[c] + smoothing / x.Length) * Math.Log(p[c]);
        return total;
    }

    public static double[] OneHot(int index, int classes)
    {
        double[] q = new double[classes];
        q[index] = 1;
        return q;
    }

    public static double Divergence(double[] x, double[] q)
    {
        double[] p = Softmax(x);
        return q.Select((value, c) => value == 0 ? 0 : value * Math.Log(value / p[c])).Sum();
    }

    public static double BinaryCrossEntropy(double x, double y, double smoothing)
    {
        double p = 1 / (1 + Math.Exp(-x));
        y = y * (1 - smoothing) + 0.5 * smoothing;
        return -y * Math.Log(p) - (1 - y) * Math.Log(1 - p);
    }

    public static double Huber(double x, double y, double delta)
    {
        double d = Math.Abs(x - y);
        return d <= delta ? d * d / 2 : delta * (d - delta / 2);
    }

    public static double Poisson(double logRate, double y) => Math.Exp(logRate) - y * logRate;

    public static double Gaussian(double mean, double scale, double y) =>
        -Math.Log(Math.Exp(-0.5 * Math.Pow((y - mean) / scale, 2)) / (scale * Math.Sqrt(2 * Math.PI)));

    public static double Pinball(double x, double y, double quantile) => y >= x ? quantile * (y - x) : (1 - quantile) * (x - y);

    /// <summary>Central differences of a function at a point.</summary>
    public static double[] Differences(Func<double[], double> function, IReadOnlyList<float> at, double step = 1e-5)
    {
        double[] x = [.. at.Select(value => (double)value)], slopes = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double kept = x[i];
            x[i] = kept + step;
            double above = function(x);
            x[i] = kept - step;
            double below = function(x);
            x[i] = kept;
            slopes[i] = (above - below) / (2 * step);
        }
        return slopes;
    }
}
