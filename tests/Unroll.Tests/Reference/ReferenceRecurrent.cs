using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Reference;

/// <summary>
/// The recurrences once more, in double precision, one number after another, from the papers' equations: Elman 1990;
/// Gers, Schmidhuber and Cummins 2000; Gers, Schraudolph and Schmidhuber 2002; Greff et al. 2017 (coupled gates); Cho et al. 2014 in both versions;
/// Li et al. 2018 (independently recurrent). Weights are
/// row-major: W [I, G · H], U [H, G · H], b and c [G · H], peepholes [3, H]; gates i, f, g, o, coupled i, g, o, and r, z, n.
/// </summary>
internal sealed class ReferenceRecurrent(
    RecurrentVariant variant, int units, double[] w, double[] u, double[]? b, double[]? c, double[]? peepholes)
{
    private readonly Func<double, double> _state = ReferenceActivations.Of(variant.Extras?.Activation ?? Activation.Tanh);
    private readonly Func<double, double> _gate = ReferenceActivations.Of(variant.Extras?.Gates ?? Activation.Sigmoid);
    private readonly int _gates = Math.Max(1, u.Length / (units * units));

    /// <summary>One sequence of <paramref name="length"/> steps in <paramref name="x"/>; the states change in place.</summary>
    /// <returns>h at every step, [length, H].</returns>
    public double[] Run(ReadOnlySpan<double> x, int inputs, int length, bool reverse, double[] h, double[] carry, ReferenceNoise noise)
    {
        var y = new double[length * units];
        for (int i = 0; i < length; i++)
        {
            int t = reverse ? length - 1 - i : i;
            Step(x.Slice(t * inputs, inputs), h, carry, t, noise);
            h.CopyTo(y.AsSpan(t * units));
        }
        return y;
    }

    private void Step(ReadOnlySpan<double> x, double[] h, double[] carry, int t, ReferenceNoise noise)
    {
        double[] before = [.. h], seen = [.. h.Select((v, j) => v * noise.StateMask(j))];
        Propose(x, h, seen, carry, t, noise);
        // Krueger et al. 2017: a unit keeps its state, or on average a share of it.
        for (int j = 0; j < units; j++)
        {
            double share = noise.StateHold(t, j);
            h[j] = share * before[j] + (1 - share) * h[j];
        }
    }

    /// <summary>The proposed state from h, and from what the recurrent weights see of it; the cell state changes here.</summary>
    private void Propose(ReadOnlySpan<double> x, double[] h, double[] seen, double[] carry, int t, ReferenceNoise noise)
    {
        int columns = _gates * units;
        double Held(int unit, double old, double proposed) => noise.CarryHold(t, unit) is var share ? share * old + (1 - share) * proposed : 0;
        double[] fromInput = Product(x, w, columns, b);
        if (variant.Cell == RecurrentCell.IndRnn)
        {
            for (int j = 0; j < units; j++) h[j] = _state(fromInput[j] + Limited(u[j]) * seen[j] + (c?[j] ?? 0));
            return;
        }
        double[] fromState = Product(seen, u, columns, c);
        double Gate(int gate, int unit) => fromInput[gate * units + unit] + fromState[gate * units + unit];
        switch (variant.Cell)
        {
            case RecurrentCell.Lstm or RecurrentCell.PeepholeLstm:
                for (int j = 0; j < units; j++)
                {
                    double before = carry[j];
                    double input = _gate(Gate(0, j) + Peephole(0, j) * before);
                    double forget = _gate(Gate(1, j) + Peephole(1, j) * before);
                    double proposed = Limited(forget * before + input * noise.CandidateMask(t, j) * _state(Gate(2, j)));
                    carry[j] = Held(j, before, proposed);
                    h[j] = _gate(Gate(3, j) + Peephole(2, j) * carry[j]) * _state(proposed);
                }
                break;
            case RecurrentCell.CoupledLstm:
                for (int j = 0; j < units; j++)
                {
                    double input = _gate(Gate(0, j));
                    double proposed = Limited((1 - input) * carry[j] + input * noise.CandidateMask(t, j) * _state(Gate(1, j)));
                    carry[j] = Held(j, carry[j], proposed);
                    h[j] = _gate(Gate(2, j)) * _state(proposed);
                }
                break;
            case RecurrentCell.Gru:
                for (int j = 0; j < units; j++)
                {
                    double reset = _gate(Gate(0, j)), update = _gate(Gate(1, j));
                    double candidate = noise.CandidateMask(t, j) * _state(fromInput[2 * units + j] + reset * fromState[2 * units + j]);
                    h[j] = (1 - update) * candidate + update * h[j];
                }
                break;
            case RecurrentCell.GruResetBefore:
                var resetState = new double[units];
                for (int j = 0; j < units; j++) resetState[j] = _gate(Gate(0, j)) * seen[j];
                double[] fromReset = Product(resetState, u, columns, c);
                for (int j = 0; j < units; j++)
                {
                    double update = _gate(Gate(1, j)), candidate = noise.CandidateMask(t, j) * _state(fromInput[2 * units + j] + fromReset[2 * units + j]);
                    h[j] = (1 - update) * candidate + update * h[j];
                }
                break;
            default:
                for (int j = 0; j < units; j++) h[j] = Simple(Gate(0, j));
                break;
        }
    }

    private double Peephole(int gate, int unit) => peepholes?[gate * units + unit] ?? 0;

    /// <summary>Within ± the limit: the cell state of Sak, Senior and Beaufays 2014, the recurrent weights of Li et al. 2018.</summary>
    private double Limited(double value) => variant.Extras?.Limit is { } limit ? Math.Clamp(value, -(double)limit, limit) : value;

    private double Simple(double a) => variant.Cell switch
    {
        RecurrentCell.SimpleTanh => Math.Tanh(a),
        RecurrentCell.SimpleRelu => Math.Max(a, 0),
        RecurrentCell.SimpleSigmoid => 1 / (1 + Math.Exp(-a)),
        RecurrentCell.SimpleLinear => a,
        RecurrentCell.SimpleOther => ReferenceActivations.Of(variant.OtherActivation)(a),
        _ => throw new NotSupportedException($"No reference for {variant.Cell}."),
    };

    private static double[] Product(ReadOnlySpan<double> x, double[] weights, int columns, double[]? bias)
    {
        double[] y = bias is null ? new double[columns] : [.. bias];
        for (int k = 0; k < x.Length; k++)
        {
            ReadOnlySpan<double> row = weights.AsSpan(k * columns, columns);
            for (int column = 0; column < y.Length; column++) y[column] += x[k] * row[column];
        }
        return y;
    }
}

/// <summary>A whole layer in double precision: its directions, its batch of sequences, its merge.</summary>
internal static class ReferenceRecurrentLayer
{
    /// <summary>The output and the final states, in the order of <see cref="RecurrentOutcome.Forward"/>.</summary>
    public static double[][] Run(RecurrentVariant variant, RecurrentSetting setting, RecurrentData data, double[] x, double[][] initial, double[][] parameters, bool training = false)
    {
        int units = setting.Units, batch = data.Batch, each = variant.HasCarry ? 2 : 1, count = parameters.Length / variant.Directions;
        string[] names = variant.Merge is null ? [RecurrentRun.Name] : [$"{RecurrentRun.Name}/forward", $"{RecurrentRun.Name}/backward"];
        var sequences = new double[variant.Directions][];
        var finals = new double[variant.States][];
        for (int direction = 0; direction < variant.Directions; direction++)
        {
            double[][] own = parameters[(direction * count)..((direction + 1) * count)];
            int at = 2;
            double[]? b = variant.UseBias ? own[at++] : null, c = variant.HasRecurrentBias ? own[at++] : null;
            var cell = new ReferenceRecurrent(variant, units, own[0], own[1], b, c, at < own.Length ? own[at] : null);
            sequences[direction] = new double[batch * data.Steps * units];
            for (int s = 0; s < each; s++) finals[direction * each + s] = new double[batch * units];
            for (int row = 0; row < batch; row++)
            {
                double[] State(int s) => initial.Length == 0 ? new double[units] : initial[direction * each + s][(row * units)..((row + 1) * units)];
                double[] h = State(0), carry = variant.HasCarry ? State(1) : [];
                double[] y = cell.Run(x.AsSpan(row * data.Steps * data.Inputs), data.Inputs, data.LengthOf(row), variant.GoBackwards || direction == 1, h, carry,
                    new ReferenceNoise(variant.Extras, training ? names[direction] : null, row, units));
                y.CopyTo(sequences[direction].AsSpan(row * data.Steps * units));
                h.CopyTo(finals[direction * each].AsSpan(row * units));
                if (variant.HasCarry) carry.CopyTo(finals[direction * each + 1].AsSpan(row * units));
            }
        }
        double[][] joined = setting.ReturnSequences ? sequences : [.. Enumerable.Range(0, variant.Directions).Select(d => finals[d * each])];
        return [variant.Merge is { } merge ? Join(merge, joined[0], joined[1], units) : joined[0], .. finals];
    }

    private static double[] Join(MergeMode merge, double[] forward, double[] backward, int units) => merge switch
    {
        MergeMode.Concat => [.. Enumerable.Range(0, 2 * forward.Length).Select(i => (i / units % 2 == 0 ? forward : backward)[i / (2 * units) * units + i % units])],
        MergeMode.Sum => [.. forward.Zip(backward, (a, b) => a + b)],
        MergeMode.Multiply => [.. forward.Zip(backward, (a, b) => a * b)],
        MergeMode.Average => [.. forward.Zip(backward, (a, b) => (a + b) / 2)],
        _ => throw new NotSupportedException($"No reference for {merge}."),
    };
}
