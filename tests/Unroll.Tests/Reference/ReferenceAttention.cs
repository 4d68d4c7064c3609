using Unroll.Basics;

namespace Unroll.Tests.Reference;

/// <summary>Attention once more, from equation 1 of Vaswani et al. 2017, with the whole matrix in memory.</summary>
internal static class ReferenceAttention
{
    /// <summary>[B, heads, Tq, Tk]: the weights, zero in the padding and where a key is not seen.</summary>
    public static double[] Weights(ReferenceTensor queries, ReferenceTensor keys, int heads, int? causalOffset, double? scale)
    {
        int batch = queries.Shape[0], tq = queries.Shape[1], tk = keys.Shape[1], features = queries.Features, d = features / heads;
        double factor = scale ?? 1 / Math.Sqrt(d);
        var weights = new double[batch * heads * tq * tk];
        for (int b = 0; b < batch; b++)
            for (int h = 0; h < heads; h++)
                for (int i = 0; i < (queries.Lengths?[b] ?? tq); i++)
                {
                    int seen = keys.Lengths?[b] ?? tk;
                    if (causalOffset is { } offset) seen = Math.Clamp(i + offset + 1, 0, seen);
                    var scores = new double[seen];
                    for (int j = 0; j < seen; j++)
                        for (int c = 0; c < d; c++)
                            scores[j] += factor * queries.Values[(b * tq + i) * features + h * d + c] * keys.Values[(b * tk + j) * features + h * d + c];
                    double largest = scores.Append(double.NegativeInfinity).Max(), sum = scores.Sum(s => Math.Exp(s - largest));
                    for (int j = 0; j < seen; j++) weights[((b * heads + h) * tq + i) * tk + j] = Math.Exp(scores[j] - largest) / sum;
                }
        return weights;
    }

    public static ReferenceTensor Output(
        ReferenceTensor queries, ReferenceTensor keys, ReferenceTensor values, int heads, int? causalOffset = null, double? scale = null,
        double dropout = 0, RandomStream draws = default)
    {
        double[] weights = Weights(queries, keys, heads, causalOffset, scale);
        int batch = queries.Shape[0], tq = queries.Shape[1], tk = keys.Shape[1], features = values.Features, d = features / heads;
        ReferenceTensor y = ReferenceTensor.Zeros([batch, tq, features], queries.Lengths);
        for (int b = 0; b < batch; b++)
            for (int h = 0; h < heads; h++)
            {
                var ofPair = dropout == 0 ? default : new RandomStream(draws.Bits64(((long)b << 16) + h), 0UL, draws.Step);
                for (int i = 0; i < tq; i++)
                    for (int j = 0; j < tk; j++)
                    {
                        double weight = weights[((b * heads + h) * tq + i) * tk + j];
                        if (dropout > 0) weight = ofPair.Uniform(((long)i << 32) + j) < dropout ? 0 : weight / (1 - dropout);
                        for (int c = 0; c < d; c++) y.Values[(b * tq + i) * features + h * d + c] += weight * values.Values[(b * tk + j) * features + h * d + c];
                    }
            }
        return y;
    }
}
