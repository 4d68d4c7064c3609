using Unroll.Layers;

namespace Unroll.Tests.Reference;

/// <summary>
/// The attention layers once more, query after query in double precision, from Bahdanau et al. 2015 (appendix A.1.2), Luong et al. 2015
/// (equations 8 to 10), Chorowski et al. 2015 (equations 8 and 9) and See et al. 2017 (equation 11).
/// </summary>
internal sealed class ReferenceAttentionLayer(AttentionLayer layer, Func<string, double[]> parameter)
{
    /// <summary>The output [B, Tq, V] and the weights [B, Tq, Tk].</summary>
    public (ReferenceTensor Output, ReferenceTensor Weights) Run(ReferenceTensor query, ReferenceTensor value, ReferenceTensor key)
    {
        ReferenceTensor weights = ReferenceTensor.Zeros([query.Shape[0], query.Shape[1], key.Shape[1]], query.Lengths);
        for (int b = 0; b < query.Shape[0]; b++)
        {
            double[][] keys = [.. Enumerable.Range(0, ReferenceWeights.Length(key, b)).Select(j => Row(key, b, j))];
            double[] last = new double[keys.Length], total = new double[keys.Length];
            for (int i = 0; i < ReferenceWeights.Length(query, b); i++)
            {
                last = Weights(Row(query, b, i), keys, i, last, total);
                total = [.. total.Zip(last, (sum, now) => sum + now)];
                last.CopyTo(weights.Values, (b * query.Shape[1] + i) * key.Shape[1]);
            }
        }
        return (ReferenceWeights.Average(weights, value), weights);
    }

    private double[] Weights(double[] query, double[][] keys, int step, double[] last, double[] total)
    {
        double[] scores = layer switch
        {
            MultiplicativeScoreLayer product => [.. keys.Select(key => Product(product, query, key))],
            AdditiveScoreLayer additive => [.. keys.Select((key, j) => Additive(additive, query, key, Features(additive, j, last, total)))],
            _ => throw new NotSupportedException(layer.Kind),
        };
        if (layer is not LocalAttention local) return Softmax(scores, _ => true);
        if (local.Alignment == LocalAlignment.Monotonic) return Softmax(scores, j => Math.Abs(j - step) <= local.Window);
        double[] hidden = Multiply(query, parameter("position_kernel"), query.Length);
        double position = keys.Length / (1 + Math.Exp(-hidden.Zip(parameter("position_direction"), (h, v) => Math.Tanh(h) * v).Sum())), deviation = local.Window / 2.0;
        return [.. Softmax(scores, j => Math.Abs(j - position) <= local.Window).Select((w, j) => w * Math.Exp(-(j - position) * (j - position) / (2 * deviation * deviation)))];
    }

    private double Product(MultiplicativeScoreLayer product, double[] query, double[] key)
    {
        double[] compared = product.Score == AttentionScore.General ? Multiply(key, parameter("kernel"), query.Length) : key;
        return query.Zip(compared, (a, b) => a * b).Sum() / (product.Scaled ? Math.Sqrt(query.Length) : 1);
    }

    private double Additive(AdditiveScoreLayer additive, double[] query, double[] key, double[] features)
    {
        double[] q = Multiply(query, parameter("query_kernel"), additive.Units), k = Multiply(key, parameter("key_kernel"), additive.Units);
        double[] f = features.Length == 0 ? new double[additive.Units] : Multiply(features, parameter("feature_kernel"), additive.Units);
        return Enumerable.Range(0, additive.Units).Sum(u => parameter("direction")[u] * Math.Tanh(q[u] + k[u] + f[u] + (additive.UseBias ? parameter("bias")[u] : 0)));
    }

    private double[] Features(AdditiveScoreLayer additive, int key, double[] last, double[] total)
    {
        if (additive is not LocationAwareAttention located) return additive.UseCoverage ? [total[key]] : [];
        double[][] channels = located.UseCoverage ? [last, total] : [last];
        double[] kernel = parameter("location_kernel"), features = new double[located.Filters];
        for (int tap = 0; tap < located.KernelSize; tap++)
        {
            int at = key + tap - located.KernelSize / 2;
            for (int c = 0; c < channels.Length && at >= 0 && at < last.Length; c++)
                for (int o = 0; o < features.Length; o++) features[o] += channels[c][at] * kernel[(tap * channels.Length + c) * features.Length + o];
        }
        return features;
    }

    private static double[] Softmax(double[] scores, Func<int, bool> sees)
    {
        double[] powers = [.. scores.Select((s, j) => sees(j) ? Math.Exp(s) : 0)];
        double sum = powers.Sum();
        return [.. powers.Select(p => sum == 0 ? 0 : p / sum)];
    }

    private static double[] Multiply(double[] x, double[] matrix, int columns) =>
        [.. Enumerable.Range(0, columns).Select(c => x.Select((v, r) => v * matrix[r * columns + c]).Sum())];

    private static double[] Row(ReferenceTensor x, int b, int step) => x.Values[((b * x.Shape[1] + step) * x.Features)..((b * x.Shape[1] + step + 1) * x.Features)];
}
