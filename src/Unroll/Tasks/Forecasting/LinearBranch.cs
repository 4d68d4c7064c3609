using System.Numerics;

namespace Unroll.Tasks;

/// <summary>
/// Ridge regression from a window's inputs to its targets, for the network's linear part: for each horizon the
/// minimum of Σ (y − a − z·b)² / N + penalty · |b|² over N windows, z the inputs standardised. In double.
/// </summary>
internal sealed class LinearBranch
{
    private readonly ForecastWindows _windows;
    private readonly int[] _inputs;
    private readonly double[] _mean, _scale, _gram, _cross, _targetMean;
    private readonly int _horizon;

    /// <summary>Reads the windows once, for any number of penalties.</summary>
    public LinearBranch(ForecastWindows windows)
    {
        _windows = windows;
        _inputs = windows.LinearInputs();
        _horizon = windows.Plan.Horizon;
        int count = _inputs.Length;
        (_mean, _scale, _targetMean) = (new double[count], new double[count], new double[_horizon]);
        (_gram, _cross) = (new double[count * count], new double[_horizon * count]);
        float[] input = new float[windows.Plan.Steps * windows.Plan.Features], targets = new float[_horizon];

        for (int n = 0; n < windows.Count; n++)
        {
            Read(n, input, targets);
            for (int p = 0; p < count; p++) _mean[p] += input[_inputs[p]];
            for (int h = 0; h < _horizon; h++) _targetMean[h] += targets[h];
        }
        for (int p = 0; p < count; p++) _mean[p] /= windows.Count;
        for (int h = 0; h < _horizon; h++) _targetMean[h] /= windows.Count;

        for (int n = 0; n < windows.Count; n++)
        {
            Read(n, input, targets);
            for (int p = 0; p < count; p++) _scale[p] += (input[_inputs[p]] - _mean[p]) * (input[_inputs[p]] - _mean[p]);
        }
        for (int p = 0; p < count; p++)
        {
            double deviation = Math.Sqrt(_scale[p] / windows.Count);
            _scale[p] = deviation > 1e-7 * Math.Max(1, Math.Abs(_mean[p])) ? deviation : 0; // a constant input says nothing
        }

        double[] standardised = new double[count];
        for (int n = 0; n < windows.Count; n++)
        {
            Read(n, input, targets);
            for (int p = 0; p < count; p++) standardised[p] = _scale[p] > 0 ? (input[_inputs[p]] - _mean[p]) / _scale[p] : 0;
            for (int p = 0; p < count; p++) AddScaled(standardised, standardised[p], _gram, p * count, p + 1);
            for (int h = 0; h < _horizon; h++) AddScaled(standardised, targets[h] - _targetMean[h], _cross, h * count, count);
        }
        foreach (ref double product in _gram.AsSpan()) product /= windows.Count;
        foreach (ref double product in _cross.AsSpan()) product /= windows.Count;
    }

    /// <summary>The kernel [T · F, H], row-major, and the bias [H]; null where the penalty does not tell the inputs apart.</summary>
    public (float[] Kernel, float[] Bias)? Solve(double penalty)
    {
        int count = _inputs.Length;
        double[] factor = [.. _gram];
        for (int p = 0; p < count; p++) factor[p * count + p] += _scale[p] > 0 ? penalty : 1;
        if (!CholeskySolver.Factorise(factor, count)) return null;
        float[] kernel = new float[_windows.Plan.Steps * _windows.Plan.Features * _horizon], bias = new float[_horizon];
        double[] row = new double[count];
        for (int h = 0; h < _horizon; h++)
        {
            _cross.AsSpan(h * count, count).CopyTo(row);
            CholeskySolver.Solve(factor, count, row);
            double intercept = _targetMean[h];
            for (int p = 0; p < count; p++)
            {
                double coefficient = _scale[p] > 0 ? row[p] / _scale[p] : 0;
                intercept -= coefficient * _mean[p];
                kernel[_inputs[p] * _horizon + h] = (float)coefficient;
            }
            bias[h] = (float)intercept;
        }
        return (kernel, bias);
    }

    /// <summary>The answers [H] to an input [T, F].</summary>
    public static void Answer(ReadOnlySpan<float> input, float[] kernel, float[] bias, Span<double> answers)
    {
        int horizon = bias.Length;
        for (int h = 0; h < horizon; h++) answers[h] = bias[h];
        for (int p = 0; p < input.Length; p++)
        {
            double value = input[p];
            if (value == 0) continue;
            ReadOnlySpan<float> row = kernel.AsSpan(p * horizon, horizon);
            for (int h = 0; h < row.Length; h++) answers[h] += value * row[h];
        }
    }

    private void Read(int index, float[] input, float[] targets)
    {
        _windows.ReadInput(index, input);
        _windows.ReadTargets(index, targets);
    }

    /// <summary>sums[offset + i] += factor · values[i]; each sum its own chain, so the vector's width changes no bit.</summary>
    private static void AddScaled(double[] values, double factor, double[] sums, int offset, int count)
    {
        int i = 0;
        var factors = new Vector<double>(factor);
        for (; i <= count - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(sums, offset + i) + factors * new Vector<double>(values, i)).CopyTo(sums, offset + i);
        for (; i < count; i++) sums[offset + i] += factor * values[i];
    }
}
