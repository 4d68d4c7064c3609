using Unroll.Basics;

namespace Unroll.Tests.Reference;

/// <summary>Every operation once more: plain loops in double precision, sharing nothing with the library's kernels.</summary>
internal static class ReferenceOperations
{
    /// <summary>f(a, b); b of a's shape, a row, or one number.</summary>
    public static ReferenceTensor Binary(ReferenceTensor a, ReferenceTensor b, Func<double, double, double> f)
    {
        var lengths = a.Lengths ?? (b.Values.Length == a.Values.Length ? b.Lengths : null);
        return new ReferenceTensor(a.Shape, a.Values, lengths).MapIndexed((i, x) => f(x, b.Values[i % b.Values.Length]));
    }

    public static ReferenceTensor Sum(ReferenceTensor x, double divisor) =>
        new([], [x.Values.Where((_, i) => x.IsReal(i)).Sum() / divisor]);

    /// <summary>The same numbers with the padding of <paramref name="lengths"/> (of the tensor's own where null) at zero.</summary>
    public static ReferenceTensor Masked(ReferenceTensor x, int[]? lengths)
    {
        var masked = new ReferenceTensor(x.Shape, x.Values, lengths ?? x.Lengths).Map(v => v);
        return new ReferenceTensor(x.Shape, masked.Values, lengths);
    }

    public static ReferenceTensor Concatenate(params ReferenceTensor[] parts)
    {
        int features = parts.Sum(p => p.Features);
        var y = ReferenceTensor.Zeros([.. parts[0].Shape[..^1], features], parts[0].Lengths);
        for (int row = 0; row < y.Rows; row++)
        {
            int at = row * features;
            foreach (ReferenceTensor part in parts)
                for (int f = 0; f < part.Features; f++, at++)
                    if (y.IsReal(at)) y.Values[at] = part.Values[row * part.Features + f];
        }
        return y;
    }

    public static ReferenceTensor Slice(ReferenceTensor x, int start, int count)
    {
        var y = ReferenceTensor.Zeros([.. x.Shape[..^1], count], x.Lengths);
        for (int i = 0; i < y.Values.Length; i++)
            if (y.IsReal(i)) y.Values[i] = x.Values[i / count * x.Features + start + i % count];
        return y;
    }

    /// <summary>Step <paramref name="step"/> of [B, T, F]; the last real one where it is null.</summary>
    public static ReferenceTensor SelectStep(ReferenceTensor x, int? step)
    {
        int batch = x.Shape[0], steps = x.Shape[1], features = x.Shape[2];
        var y = ReferenceTensor.Zeros([batch, features]);
        for (int b = 0; b < batch; b++)
        {
            int length = x.Lengths?[b] ?? steps, t = step ?? length - 1;
            for (int f = 0; f < features && t >= 0 && t < length; f++) y.Values[b * features + f] = x.Values[(b * steps + t) * features + f];
        }
        return y;
    }

    public static ReferenceTensor Stack(ReferenceTensor[] steps, int[]? lengths)
    {
        int batch = steps[0].Shape[0], features = steps[0].Shape[1];
        var y = ReferenceTensor.Zeros([batch, steps.Length, features], lengths);
        for (int b = 0; b < batch; b++)
            for (int t = 0; t < (lengths?[b] ?? steps.Length); t++)
                for (int f = 0; f < features; f++) y.Values[(b * steps.Length + t) * features + f] = steps[t].Values[b * features + f];
        return y;
    }

    public static ReferenceTensor Reverse(ReferenceTensor x)
    {
        int steps = x.Shape[1], width = x.Shape.Skip(2).Aggregate(1, (a, b) => a * b);
        var y = ReferenceTensor.Zeros(x.Shape, x.Lengths);
        for (int b = 0; b < x.Shape[0]; b++)
        {
            int length = x.Lengths?[b] ?? steps;
            for (int t = 0; t < length; t++)
                for (int f = 0; f < width; f++) y.Values[(b * steps + t) * width + f] = x.Values[(b * steps + length - 1 - t) * width + f];
        }
        return y;
    }

    public static ReferenceTensor Embedding(ReferenceTensor ids, double[] table, int units, int? zeroIndex)
    {
        var y = ReferenceTensor.Zeros([.. ids.Shape, units], ids.Lengths);
        for (int i = 0; i < y.Values.Length; i++)
            if (y.IsReal(i) && ids.Values[i / units] != zeroIndex) y.Values[i] = table[(int)ids.Values[i / units] * units + i % units];
        return y;
    }

    /// <summary>Draws by place: sequence b, then t · F + f.</summary>
    public static ReferenceTensor Dropout(ReferenceTensor x, double rate, RandomStream stream)
    {
        int sequence = x.Values.Length / x.Shape[0];
        return x.MapIndexed((i, v) => stream.Uniform(((long)(i / sequence) << 32) + i % sequence) < rate ? 0 : v / (1 - rate));
    }

    public static ReferenceTensor LayerNorm(ReferenceTensor x, double[] gamma, double[] beta, double epsilon) => x.MapRows(row =>
    {
        double mean = row.Average(), variance = row.Select(v => (v - mean) * (v - mean)).Average();
        return [.. row.Select((v, f) => (v - mean) / Math.Sqrt(variance + epsilon) * gamma[f] + beta[f])];
    });

    public static ReferenceTensor Softmax(ReferenceTensor x) => x.MapRows(row =>
    {
        double sum = row.Sum(Math.Exp);
        return [.. row.Select(v => Math.Exp(v) / sum)];
    });

    public static ReferenceTensor LogSoftmax(ReferenceTensor x) => x.MapRows(row =>
    {
        double sum = row.Sum(Math.Exp);
        return [.. row.Select(v => v - Math.Log(sum))];
    });

    public static ReferenceTensor MatMul(ReferenceTensor a, ReferenceTensor b)
    {
        int m = a.Shape[0], k = a.Shape[1], n = b.Shape[1];
        var y = ReferenceTensor.Zeros([m, n]);
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column++)
                for (int i = 0; i < k; i++) y.Values[row * n + column] += a.Values[row * k + i] * b.Values[i * n + column];
        return y;
    }

    public static ReferenceTensor Transpose(ReferenceTensor x)
    {
        int m = x.Shape[0], n = x.Shape[1];
        var y = ReferenceTensor.Zeros([n, m]);
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column++) y.Values[column * m + row] = x.Values[row * n + column];
        return y;
    }

    /// <summary>x · W + b over the last axis; W [K, M] row-major.</summary>
    public static ReferenceTensor Linear(ReferenceTensor x, double[] kernel, double[]? bias, int columns)
    {
        var y = ReferenceTensor.Zeros([.. x.Shape[..^1], columns], x.Lengths);
        for (int i = 0; i < y.Values.Length; i++)
        {
            if (!y.IsReal(i)) continue;
            int row = i / columns, column = i % columns;
            y.Values[i] = bias?[column] ?? 0;
            for (int k = 0; k < x.Features; k++) y.Values[i] += x.Values[row * x.Features + k] * kernel[k * columns + column];
        }
        return y;
    }
}
