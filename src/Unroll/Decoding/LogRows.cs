using Unroll.Kernels.Scalars;
using Unroll.Tensors;

namespace Unroll.Decoding;

/// <summary>log softmax of a batch of outputs [B, T, C] in double precision, sequence by sequence.</summary>
internal sealed class LogRows
{
    private readonly float[] _values;
    private readonly int[] _lengths;
    private readonly int _steps;

    /// <exception cref="ArgumentException">Another shape, a blank out of range, or NaN at a real step.</exception>
    public LogRows(string decoder, Tensor outputs, int blank)
    {
        Basics.Shape shape = outputs.Shape;
        if (shape.Rank != 3) throw new ArgumentException($"{decoder}: expected outputs [batch, time, classes], received {shape}.", nameof(outputs));
        (Batch, _steps, Classes) = (shape[0], shape[1], shape[2]);
        if ((uint)blank >= (uint)Classes) throw new ArgumentException($"{decoder}: the blank is class {blank}; the outputs {shape} have classes 0 to {Classes - 1}.", nameof(blank));
        _values = outputs.ToArray();
        _lengths = outputs.Lengths.IsEmpty ? [.. Enumerable.Repeat(_steps, Batch)] : outputs.Lengths.ToArray();
        for (int b = 0; b < Batch; b++)
            for (int t = 0; t < _lengths[b]; t++)
                foreach (float value in Row(b, t))
                    if (float.IsNaN(value)) throw new ArgumentException($"{decoder}: batch row {b}, step {t}: an output is NaN.", nameof(outputs));
    }

    public int Batch { get; }

    public int Classes { get; }

    /// <summary>For each real step of a sequence the log probability of each class.</summary>
    public double[][] Sequence(int b)
    {
        var rows = new double[_lengths[b]][];
        for (int t = 0; t < rows.Length; t++)
        {
            ReadOnlySpan<float> row = Row(b, t);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (float value in row) largest = Math.Max(largest, value);
            foreach (float value in row) sum += ScalarMath.Exp(value - largest);
            double log = largest + ScalarMath.Log(sum);
            rows[t] = new double[Classes];
            for (int c = 0; c < Classes; c++) rows[t][c] = row[c] - log;
        }
        return rows;
    }

    /// <summary>log(e^a + e^b).</summary>
    public static double Add(double a, double b)
    {
        if (double.IsNegativeInfinity(a)) return b;
        if (double.IsNegativeInfinity(b)) return a;
        double largest = Math.Max(a, b);
        return largest + ScalarMath.Log(1 + ScalarMath.Exp(Math.Min(a, b) - largest));
    }

    private ReadOnlySpan<float> Row(int b, int t) => _values.AsSpan((b * _steps + t) * Classes, Classes);
}
