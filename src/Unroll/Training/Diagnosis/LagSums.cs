namespace Unroll.Training;

/// <summary>Mean squares by lag.</summary>
internal sealed class LagSums(int steps)
{
    private readonly double[] _sums = new double[steps];
    private readonly long[] _counts = new long[steps];

    public void Add(int lag, double square)
    {
        _sums[lag] += square;
        _counts[lag]++;
    }

    /// <summary>The roots of the means, up to the last lag that was met.</summary>
    public double[] Roots()
    {
        int count = _counts.Length;
        while (count > 0 && _counts[count - 1] == 0) count--;
        return [.. Enumerable.Range(0, count).Select(lag => Math.Sqrt(_sums[lag] / Math.Max(_counts[lag], 1)))];
    }
}
