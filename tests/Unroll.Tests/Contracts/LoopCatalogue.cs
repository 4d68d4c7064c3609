using Unroll.Cli.Bench;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Layers.Recurrent;

namespace Unroll.Tests.Contracts;

/// <summary>Every such layer: cells written as a step, and minimal cells.</summary>
internal static class LoopCatalogue
{
    public static IReadOnlyList<LoopEntry> All { get; } =
    [
        Cell<RecurrentState>("own LSTM", units => new OwnLstmCell(units), (p, x, s) =>
        {
            double[] sums = Sum(Product(x, p[0], p[2]), Product(s[0], p[1]));
            int units = s[0].Length;
            for (int u = 0; u < units; u++)
            {
                s[1][u] = Sigmoid(sums[units + u]) * s[1][u] + Sigmoid(sums[u]) * Math.Tanh(sums[2 * units + u]);
                s[0][u] = Sigmoid(sums[3 * units + u]) * Math.Tanh(s[1][u]);
            }
            return s[0];
        }, units => [units, units]),
        Cell<JordanState>("Jordan", units => new JordanCell(units, 4) { OutputActivation = Activation.Sigmoid }, (p, x, s) =>
        {
            // kernel, feedback_kernel, bias, output_kernel, output_bias
            double[] hidden = Array.ConvertAll(Sum(Product(x, p[0], p[2]), Product(s[0], p[1])), Math.Tanh);
            return s[0] = Array.ConvertAll(Product(hidden, p[3], p[4]), Sigmoid);
        }, _ => [4]),
        Cell<JordanState>("Jordan with its hidden state", units => new JordanCell(units, 4) { FeedsHidden = true, Activation = Activation.Sigmoid }, (p, x, s) =>
        {
            // kernel, feedback_kernel, recurrent_kernel, bias, output_kernel, output_bias
            s[1] = Array.ConvertAll(Sum(Sum(Product(x, p[0], p[3]), Product(s[0], p[1])), Product(s[1], p[2])), Sigmoid);
            return s[0] = Product(s[1], p[4], p[5]);
        }, units => [4, units]),
        Cell<RecurrentState>("projected LSTM", units => new ProjectedLstmCell(units, 3), (p, x, s) =>
        {
            // kernel, recurrent_kernel, bias, projection_kernel
            double[] sums = Sum(Product(x, p[0], p[2]), Product(s[0], p[1]));
            return s[0] = Product(Array.ConvertAll(NextCell(sums, s[1]), Math.Tanh).Zip(OutputGate(sums, s[1].Length), (c, o) => o * c).ToArray(), p[3]);
        }, units => [3, units]),
        Cell<RecurrentState>("LSTM with layer normalisation", units => new LayerNormLstmCell(units), (p, x, s) =>
        {
            // kernel, recurrent_kernel, bias, input_gain, recurrent_gain, cell_gain, cell_bias
            double[] sums = Sum(Normalized(Product(x, p[0]), p[3], p[2]), Normalized(Product(s[0], p[1]), p[4], null));
            double[] normalized = Normalized(NextCell(sums, s[1]), p[5], p[6]);
            return s[0] = [.. normalized.Zip(OutputGate(sums, s[1].Length), (c, o) => o * Math.Tanh(c))];
        }, units => [units, units]),
        Cell<RecurrentState>("GRU with layer normalisation", units => new LayerNormGruCell(units), (p, x, s) =>
        {
            // kernel, recurrent_kernel, bias, candidate_kernel, candidate_recurrent_kernel, candidate_bias, then the gains
            int units = s[0].Length;
            double[] gates = Array.ConvertAll(Sum(Normalized(Product(x, p[0]), p[6], p[2]), Normalized(Product(s[0], p[1]), p[7], null)), Sigmoid);
            double[] past = Normalized(Product(s[0], p[4]), p[9], null), now = Normalized(Product(x, p[3]), p[8], p[5]);
            return s[0] = [.. Enumerable.Range(0, units).Select(u => (1 - gates[units + u]) * Math.Tanh(now[u] + gates[u] * past[u]) + gates[units + u] * s[0][u])];
        }, units => [units]),
        Minimal("minGRU", (units, sequences, backwards) => new MinGru(units, sequences) { GoBackwards = backwards }, MinGruGates),
        Minimal("minLSTM", (units, sequences, backwards) => new MinLstm(units, sequences) { GoBackwards = backwards }, MinLstmGates),
        Minimal("minLSTM without bias", (units, sequences, backwards) => new MinLstm(units, sequences) { GoBackwards = backwards, UseBias = false }, MinLstmGates),
        InChunks(Minimal("minGRU, parallel scan", (units, sequences, backwards) => new MinGru(units, sequences) { GoBackwards = backwards, ParallelScan = true }, MinGruGates), takesNew: 0),
        InChunks(Minimal("minLSTM, parallel scan", (units, sequences, backwards) => new MinLstm(units, sequences) { GoBackwards = backwards, ParallelScan = true }, MinLstmGates), takesNew: 1),
    ];

    public static TheoryData<string> Names() => [.. All.Select(e => e.Name)];

    public static LoopEntry Named(string name) => All.Single(e => e.Name == name);

    private static LoopEntry Cell<TState>(string name, Func<int, RnnCell> make, Func<double[][], double[], double[][], double[]> step, Func<int, int[]> states)
        where TState : struct, ICellState<TState> => new(name)
        {
            Make = (units, sequences, backwards) => new Rnn(make(units), sequences) { GoBackwards = backwards },
            Forward = (layer, x, initial, pass) =>
            {
                (var output, TState final) = ((Rnn)layer).ForwardWithState<TState>(x, initial.Length == 0 ? null : TState.Of(initial), pass);
                return (output, [.. Enumerable.Range(0, final.Count).Select(i => final[i])]);
            },
            Step = step,
            States = states,
        };

    private static LoopEntry Minimal(string name, Func<int, bool, bool, Layer> make, Func<double[], int, int, (double Share, double Candidate)> gates) => new(name)
    {
        Make = make,
        Forward = (layer, x, initial, pass) =>
        {
            (var output, RecurrentState final) = ((MinimalRecurrentLayer)layer).ForwardWithState(x, initial.Length == 0 ? null : new RecurrentState(initial[0]), pass);
            return (output, [final.Hidden]);
        },
        Step = (p, x, s) =>
        {
            double[] sums = Product(x, p[0], p.Length > 1 ? p[1] : null);
            for (int u = 0; u < s[0].Length; u++)
            {
                (double share, double candidate) = gates(sums, u, s[0].Length);
                s[0][u] = (1 - share) * s[0][u] + share * candidate;
            }
            return s[0];
        },
        States = units => [units],
        GivesState = true,
    };

    /// <summary>Three chunks of time, and a gate so far shut that a state is still felt two chunks later.</summary>
    private static LoopEntry InChunks(LoopEntry entry, int takesNew) => entry with
    {
        Steps = 131,
        JoinsToTheBit = false,
        Adjust = layer =>
        {
            Parameter bias = layer.Parameters[1];
            float[] values = bias.ToArray();
            int units = layer.OutputShape.Features;
            foreach (ref float value in values.AsSpan(takesNew * units, units)) value -= 4;
            bias.Set(values);
        },
    };

    private static (double Share, double Candidate) MinGruGates(double[] sums, int unit, int units) => (Sigmoid(sums[unit]), sums[units + unit]);

    private static (double Share, double Candidate) MinLstmGates(double[] sums, int unit, int units) =>
        (Sigmoid(sums[units + unit]) / (Sigmoid(sums[unit]) + Sigmoid(sums[units + unit])), sums[2 * units + unit]);

    private static double[] Product(double[] x, double[] weights, double[]? bias = null)
    {
        int columns = weights.Length / x.Length;
        double[] y = bias is null ? new double[columns] : [.. bias];
        for (int k = 0; k < x.Length; k++)
            for (int column = 0; column < columns; column++) y[column] += x[k] * weights[k * columns + column];
        return y;
    }

    /// <summary>c′ in place, from the sums of i, f, g, o.</summary>
    private static double[] NextCell(double[] sums, double[] cell)
    {
        int units = cell.Length;
        for (int u = 0; u < units; u++) cell[u] = Sigmoid(sums[units + u]) * cell[u] + Sigmoid(sums[u]) * Math.Tanh(sums[2 * units + u]);
        return cell;
    }

    private static double[] OutputGate(double[] sums, int units) => [.. sums.Skip(3 * units).Select(Sigmoid)];

    /// <summary>Ba, Kiros and Hinton 2016, equation 4.</summary>
    private static double[] Normalized(double[] a, double[] gain, double[]? bias)
    {
        double mean = a.Average(), scale = Math.Sqrt(a.Average(v => (v - mean) * (v - mean)) + 1e-5);
        return [.. a.Select((v, i) => gain[i] * (v - mean) / scale + (bias?[i] ?? 0))];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
}
