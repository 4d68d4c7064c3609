using System.Numerics;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// What ridge regression needs of its windows: means and deviations of the P features, means of the H targets, and the
/// mean products ZᵀZ / N and Zᵀ(Y − mean) / N of the standardised features Z. Read once for any number of penalties.
/// </summary>
internal sealed class RidgeMoments
{
    private RidgeMoments(int features, int horizon)
    {
        (Mean, Scale, TargetMean) = (new double[features], new double[features], new double[horizon]);
        (Gram, Cross) = (new double[features * features], new double[horizon * features]);
    }

    public double[] Mean { get; }

    public double[] Scale { get; }

    public double[] TargetMean { get; }

    /// <summary>[P, P], the lower triangle alone.</summary>
    public double[] Gram { get; }

    /// <summary>[H, P].</summary>
    public double[] Cross { get; }

    public static RidgeMoments Of(WindowSet windows)
    {
        var rows = new RidgeRows(windows);
        (int features, int horizon) = (rows.Features.Length, windows.Options.Horizon);
        var moments = new RidgeMoments(features, horizon);
        (double[] mean, double[] scale) = (moments.Mean, moments.Scale);

        for (int n = 0; n < windows.Count; n++)
        {
            rows.Read(n);
            for (int p = 0; p < features; p++) mean[p] += rows.Features[p];
            for (int h = 0; h < horizon; h++) moments.TargetMean[h] += rows.Targets[h];
        }
        for (int p = 0; p < features; p++) mean[p] /= windows.Count;
        for (int h = 0; h < horizon; h++) moments.TargetMean[h] /= windows.Count;

        for (int n = 0; n < windows.Count; n++)
        {
            rows.Read(n);
            for (int p = 0; p < features; p++) scale[p] += (rows.Features[p] - mean[p]) * (rows.Features[p] - mean[p]);
        }
        for (int p = 0; p < features; p++)
        {
            double deviation = Math.Sqrt(scale[p] / windows.Count);
            // Rounding in the mean leaves a constant feature a deviation of about 1e-17 of its size; it says nothing.
            scale[p] = deviation > 1e-12 * Math.Abs(mean[p]) ? deviation : 0;
        }

        var standardised = new double[features];
        for (int n = 0; n < windows.Count; n++)
        {
            rows.Read(n);
            for (int p = 0; p < features; p++) standardised[p] = scale[p] > 0 ? (rows.Features[p] - mean[p]) / scale[p] : 0;
            for (int p = 0; p < features; p++) AddScaled(standardised, standardised[p], moments.Gram, p * features, p + 1);
            for (int h = 0; h < horizon; h++) AddScaled(standardised, rows.Targets[h] - moments.TargetMean[h], moments.Cross, h * features, features);
        }
        foreach (ref double product in moments.Gram.AsSpan()) product /= windows.Count;
        foreach (ref double product in moments.Cross.AsSpan()) product /= windows.Count;
        return moments;
    }

    /// <summary>
    /// sums[offset + i] += factor · values[i]. Each sum is its own chain over the windows, a product then a sum, so
    /// the vector's width changes no bit.
    /// </summary>
    private static void AddScaled(double[] values, double factor, double[] sums, int offset, int count)
    {
        int i = 0;
        var factors = new Vector<double>(factor);
        for (; i <= count - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(sums, offset + i) + factors * new Vector<double>(values, i)).CopyTo(sums, offset + i);
        for (; i < count; i++) sums[offset + i] += factor * values[i];
    }
}
