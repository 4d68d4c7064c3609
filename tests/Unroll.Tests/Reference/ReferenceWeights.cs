using Unroll.Basics;

namespace Unroll.Tests.Reference;

/// <summary>Attention step by step with the whole matrix [B, Tq, Tk] in memory: scores, weights, averages.</summary>
internal static class ReferenceWeights
{
    /// <summary>A number for every real query and key: f(sequence, query, key); zeros elsewhere.</summary>
    public static ReferenceTensor Matrix(ReferenceTensor queries, ReferenceTensor keys, Func<int, int, int, double> f)
    {
        int batch = queries.Shape[0], tq = queries.Shape[1], tk = keys.Shape[1];
        ReferenceTensor y = ReferenceTensor.Zeros([batch, tq, tk], queries.Lengths);
        for (int b = 0; b < batch; b++)
            for (int i = 0; i < Length(queries, b); i++)
                for (int j = 0; j < Length(keys, b); j++) y.Values[(b * tq + i) * tk + j] = f(b, i, j);
        return y;
    }

    public static int Length(ReferenceTensor x, int b) => x.Lengths?[b] ?? x.Shape[1];

    /// <summary>The number of a row.</summary>
    public static double At(ReferenceTensor x, int b, int step, int feature) => x.Values[(b * x.Shape[1] + step) * x.Features + feature];

    public static ReferenceTensor Products(ReferenceTensor queries, ReferenceTensor keys, double scale) => Matrix(queries, keys, (b, i, j) =>
    {
        double sum = 0;
        for (int f = 0; f < queries.Features; f++) sum += scale * At(queries, b, i, f) * At(keys, b, j, f);
        return sum;
    });

    /// <summary>Softmax over the real keys with |key − centre| ≤ radius; the centre is a query's number where none is given.</summary>
    public static ReferenceTensor Softmax(ReferenceTensor scores, ReferenceTensor keys, double radius = double.PositiveInfinity, Func<int, int, double>? centre = null) =>
        Matrix(scores, keys, (b, i, j) =>
        {
            double of = centre is null ? i : centre(b, i);
            bool Sees(int key) => Math.Abs(key - of) <= radius;
            if (!Sees(j)) return 0;
            int[] seen = [.. Enumerable.Range(0, Length(keys, b)).Where(Sees)];
            double largest = seen.Max(k => At(scores, b, i, k));
            return Math.Exp(At(scores, b, i, j) - largest) / seen.Sum(k => Math.Exp(At(scores, b, i, k) - largest));
        });

    public static ReferenceTensor Average(ReferenceTensor weights, ReferenceTensor values)
    {
        int batch = weights.Shape[0], tq = weights.Shape[1], width = values.Features;
        ReferenceTensor y = ReferenceTensor.Zeros([batch, tq, width], weights.Lengths);
        for (int b = 0; b < batch; b++)
            for (int i = 0; i < Length(weights, b); i++)
                for (int j = 0; j < Length(values, b); j++)
                    for (int f = 0; f < width; f++) y.Values[(b * tq + i) * width + f] += At(weights, b, i, j) * At(values, b, j, f);
        return y;
    }

    public static ReferenceTensor Dropout(ReferenceTensor weights, double rate, RandomStream draws, int firstQuery)
    {
        int tq = weights.Shape[1], tk = weights.Shape[2];
        return weights.MapIndexed((at, w) =>
        {
            int b = at / (tq * tk), i = at / tk % tq, j = at % tk;
            var ofSequence = new RandomStream(draws.Bits64((long)b << 16), 0UL, draws.Step);
            return ofSequence.Uniform(((long)(firstQuery + i) << 32) + j) < rate ? 0 : w / (1 - rate);
        });
    }

    /// <summary>Σ_u v_u tanh(q_u + k_u + Σ_c f_c w_cu).</summary>
    public static ReferenceTensor Additive(ReferenceTensor queries, ReferenceTensor keys, double[] direction, ReferenceTensor? features = null, double[]? kernel = null) =>
        Matrix(queries, keys, (b, i, j) =>
        {
            double sum = 0;
            for (int u = 0; u < direction.Length; u++)
            {
                double hidden = At(queries, b, i, u) + At(keys, b, j, u);
                for (int c = 0; c < (features?.Features ?? 0); c++) hidden += At(features!, b, j, c) * kernel![c * direction.Length + u];
                sum += direction[u] * Math.Tanh(hidden);
            }
            return sum;
        });

    public static ReferenceTensor Bell(ReferenceTensor weights, ReferenceTensor keys, double radius, Func<int, int, double> centre, double deviation) => Matrix(weights, keys, (b, i, j) =>
    {
        double distance = j - centre(b, i);
        return Math.Abs(distance) > radius ? 0 : At(weights, b, i, j) * Math.Exp(-distance * distance / (2 * deviation * deviation));
    });

    /// <summary>[B, Tk, 1] from the weights of one query a sequence.</summary>
    public static ReferenceTensor AsSteps(ReferenceTensor weights, ReferenceTensor keys)
    {
        ReferenceTensor y = ReferenceTensor.Zeros([keys.Shape[0], keys.Shape[1], 1], keys.Lengths);
        for (int b = 0; b < keys.Shape[0]; b++)
            for (int j = 0; j < Length(keys, b) && Length(weights, b) > 0; j++) y.Values[b * keys.Shape[1] + j] = At(weights, b, 0, j);
        return y;
    }

    public static ReferenceTensor Convolution(ReferenceTensor x, double[] kernel, int size, int outputs)
    {
        int batch = x.Shape[0], steps = x.Shape[1], channels = x.Features;
        ReferenceTensor y = ReferenceTensor.Zeros([batch, steps, outputs], x.Lengths);
        for (int b = 0; b < batch; b++)
            for (int t = 0; t < Length(x, b); t++)
                for (int k = 0; k < size; k++)
                    for (int c = 0; c < channels; c++)
                        for (int o = 0; o < outputs; o++)
                            if (t + k - size / 2 is int at && at >= 0 && at < Length(x, b))
                                y.Values[(b * steps + t) * outputs + o] += At(x, b, at, c) * kernel[(k * channels + c) * outputs + o];
        return y;
    }

    /// <summary>See, Liu and Manning 2017, equation 9, its logarithm: log(g softmax(x) + (1 − g) of the weights on each word), no smaller than log 1e-30.</summary>
    public static ReferenceTensor PointerMixture(ReferenceTensor logits, ReferenceTensor gate, ReferenceTensor weights, ReferenceTensor words, int slots)
    {
        int batch = logits.Shape[0], steps = logits.Shape[1], known = logits.Features, places = words.Shape[1];
        ReferenceTensor y = ReferenceTensor.Zeros([batch, steps, known + slots], logits.Lengths);
        for (int b = 0; b < batch; b++)
            for (int t = 0; t < (logits.Lengths?[b] ?? steps); t++)
            {
                double[] powers = [.. Enumerable.Range(0, known).Select(v => Math.Exp(At(logits, b, t, v)))], mixture = new double[known + slots];
                double g = At(gate, b, t, 0);
                for (int v = 0; v < known; v++) mixture[v] = g * powers[v] / powers.Sum();
                for (int j = 0; j < (words.Lengths?[b] ?? places); j++) mixture[(int)words.Values[b * places + j]] += (1 - g) * At(weights, b, t, j);
                for (int v = 0; v < mixture.Length; v++) y.Values[(b * steps + t) * mixture.Length + v] = Math.Log(Math.Max(mixture[v], 1e-30));
            }
        return y;
    }
}
