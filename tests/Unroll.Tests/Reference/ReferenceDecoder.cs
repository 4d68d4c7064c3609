namespace Unroll.Tests.Reference;

/// <summary>
/// An attentive decoder of one GRU (reset after the product) once more, in double precision, one sequence and one number after another: Cho et al.
/// 2014 for the unit, Luong et al. 2015, equations 4 to 8, for the general score, the attentional vector and input feeding, Bahdanau et al. 2015,
/// appendix A.2.2, for the beginning. Parameters row-major in the layer's order.
/// </summary>
internal sealed class ReferenceDecoder(int vocabulary, int width, int units, int written, int memoryWidth, bool inputFeeding)
{
    /// <summary>Logits [T, V] of a sequence, and its weights [T, Ts].</summary>
    public (double[] Logits, double[] Weights) Run(double[][] parameters, int[] tokens, double[] memory, double[] state)
    {
        (double[] table, double[] w, double[] u, double[] b) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        double[] c = parameters[4], bridge = parameters[5], bridgeBias = parameters[6], general = parameters[7];
        double[] combination = parameters[8], combinationBias = parameters[9], head = parameters[10], headBias = parameters[11];
        int places = memory.Length / memoryWidth;
        double[] h = Array.ConvertAll(Product(state, bridge, units, bridgeBias), Math.Tanh), a = new double[written];
        var logits = new List<double>();
        var weights = new List<double>();
        foreach (int token in tokens)
        {
            double[] x = [.. table.AsSpan(token * width, width), .. inputFeeding ? a : []];
            double[] fromInput = Product(x, w, 3 * units, b), fromState = Product(h, u, 3 * units, c);
            for (int j = 0; j < units; j++)
            {
                double r = Sigmoid(fromInput[j] + fromState[j]), z = Sigmoid(fromInput[units + j] + fromState[units + j]);
                double n = Math.Tanh(fromInput[2 * units + j] + r * fromState[2 * units + j]);
                h[j] = (1 - z) * n + z * h[j];
            }
            double[] scores = [.. Enumerable.Range(0, places).Select(s => Dot(h, Product(memory[(s * memoryWidth)..((s + 1) * memoryWidth)], general, units, null)))];
            double[] powers = Array.ConvertAll(scores, score => Math.Exp(score - scores.Max()));
            double[] p = Array.ConvertAll(powers, power => power / powers.Sum()), context = new double[memoryWidth];
            for (int s = 0; s < places; s++)
                for (int f = 0; f < memoryWidth; f++) context[f] += p[s] * memory[s * memoryWidth + f];
            a = Array.ConvertAll(Product([.. h, .. context], combination, written, combinationBias), Math.Tanh);
            logits.AddRange(Product(a, head, vocabulary, headBias));
            weights.AddRange(p);
        }
        return ([.. logits], [.. weights]);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Dot(double[] x, double[] y) => x.Zip(y, (one, other) => one * other).Sum();

    private static double[] Product(double[] x, double[] matrix, int columns, double[]? bias) =>
        [.. Enumerable.Range(0, columns).Select(j => (bias?[j] ?? 0) + Enumerable.Range(0, x.Length).Sum(i => x[i] * matrix[i * columns + j]))];
}
