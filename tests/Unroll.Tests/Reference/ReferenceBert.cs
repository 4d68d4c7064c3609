using Unroll.Ops;

namespace Unroll.Tests.Reference;

/// <summary>
/// BERT's encoder once more in double precision, token after token, from Devlin et al. 2019 and Vaswani et al. 2017 and straight from a
/// checkpoint's tensors: matrices [outputs, inputs] under Hugging Face's names without "bert.".
/// </summary>
internal sealed class ReferenceBert(IReadOnlyDictionary<string, double[]> tensors, int hidden, int layers, int heads)
{
    private const double Epsilon = 1e-12;

    /// <summary>What is made of each token of one sequence.</summary>
    public double[][] Sequence(int[] ids, int[] segments)
    {
        double[][] x = [.. ids.Select((id, t) => Norm(
            Sum(Row("embeddings.word_embeddings.weight", id), Row("embeddings.position_embeddings.weight", t), Row("embeddings.token_type_embeddings.weight", segments[t])), "embeddings.LayerNorm"))];
        for (int l = 0; l < layers; l++)
        {
            string layer = $"encoder.layer.{l}.";
            double[][] attended = Attention(x, layer + "attention.self.");
            x = [.. x.Select((row, t) => Norm(Sum(row, Linear(attended[t], layer + "attention.output.dense")), layer + "attention.output.LayerNorm"))];
            x = [.. x.Select(row => Norm(Sum(row, Linear(Gelu(Linear(row, layer + "intermediate.dense")), layer + "output.dense")), layer + "output.LayerNorm"))];
        }
        return x;
    }

    public double[] Pooled(double[][] sequence) => [.. Linear(sequence[0], "pooler.dense").Select(Math.Tanh)];

    /// <summary>The masked language head's logits for one token.</summary>
    public double[] MaskedLanguage(double[] token)
    {
        double[] h = Norm(Gelu(Linear(token, "cls.predictions.transform.dense")), "cls.predictions.transform.LayerNorm"), bias = tensors["cls.predictions.bias"];
        return [.. bias.Select((b, v) => b + Row("embeddings.word_embeddings.weight", v).Zip(h, (e, y) => e * y).Sum())];
    }

    public double[] NextSentence(double[] pooled) => Linear(pooled, "cls.seq_relationship");

    private double[][] Attention(double[][] x, string name)
    {
        double[][] queries = [.. x.Select(row => Linear(row, name + "query"))], keys = [.. x.Select(row => Linear(row, name + "key"))], values = [.. x.Select(row => Linear(row, name + "value"))];
        int width = hidden / heads;
        double[][] output = [.. x.Select(_ => new double[hidden])];
        for (int head = 0; head < heads; head++)
        {
            for (int t = 0; t < x.Length; t++)
            {
                double[] weights = [.. keys.Select(key => Math.Exp(Enumerable.Range(head * width, width).Sum(c => queries[t][c] * key[c]) / Math.Sqrt(width)))];
                for (int c = head * width; c < (head + 1) * width; c++) output[t][c] = weights.Select((w, s) => w * values[s][c]).Sum() / weights.Sum();
            }
        }
        return output;
    }

    private double[] Linear(double[] x, string name)
    {
        double[] matrix = tensors[name + ".weight"];
        return [.. tensors[name + ".bias"].Select((b, o) => b + x.Select((v, i) => v * matrix[o * x.Length + i]).Sum())];
    }

    private double[] Norm(double[] x, string name)
    {
        double mean = x.Average(), deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + Epsilon);
        double[] scale = tensors[name + ".weight"], shift = tensors[name + ".bias"];
        return [.. x.Select((v, i) => scale[i] * (v - mean) / deviation + shift[i])];
    }

    private double[] Row(string name, int row) => tensors[name][(row * hidden)..((row + 1) * hidden)];

    private static double[] Gelu(double[] x) => [.. x.Select(ReferenceActivations.Of(Activation.Gelu))];

    private static double[] Sum(params double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Sum(row => row[i]))];
}
