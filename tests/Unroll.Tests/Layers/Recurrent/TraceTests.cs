using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>Hidden states, cell states and gates of every step, against the cells' equations in double precision on the traced states.</summary>
public sealed class TraceTests
{
    private const int Batch = 3, Steps = 5, Inputs = 2, Units = 18;
    private static readonly int[] s_lengths = [3, 5, 0];

    public static TheoryData<string, bool> Kinds
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string kind in new[] { "lstm", "peephole_lstm", "coupled_lstm", "gru", "gru_reset_before", "simple_rnn" })
                foreach (bool back in new[] { false, true }) data.Add(kind, back);
            return data;
        }
    }

    private static RecurrentLayer Layer(string kind, bool back)
    {
        RecurrentLayer layer = kind switch
        {
            "lstm" => new Lstm(Units, returnSequences: true) { GoBackwards = back },
            "peephole_lstm" => new PeepholeLstm(Units, returnSequences: true) { GoBackwards = back },
            "coupled_lstm" => new CoupledLstm(Units, returnSequences: true) { GoBackwards = back },
            "gru" => new Gru(Units, returnSequences: true) { GoBackwards = back },
            "gru_reset_before" => new Gru(Units, returnSequences: true) { GoBackwards = back, ResetAfter = false },
            _ => new SimpleRnn(Units, returnSequences: true) { GoBackwards = back },
        };
        layer.Build(new Shape(-1, -1, Inputs));
        RecurrentVariant.Fill(layer);
        return layer;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gates_and_states_obey_the_equations(string kind, bool back)
    {
        RecurrentLayer layer = Layer(kind, back);
        float[] x = RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0), h0 = RecurrentData.Numbers(Batch * Units, 2, 0.5), c0 = RecurrentData.Numbers(Batch * Units, 3, 0.5);
        bool hasCarry = kind.EndsWith("lstm", StringComparison.Ordinal);
        Tensor hidden = Tensor.FromArray(h0, Batch, Units);
        Tensor input = Tensor.FromArray(x, Batch, Steps, Inputs).WithLengths(s_lengths);
        RecurrentTrace trace = layer.Trace(input, new RecurrentState(hidden, hasCarry ? Tensor.FromArray(c0, Batch, Units) : null));
        Agreement.SameBits("hidden states", layer.ForwardWithState(input, new RecurrentState(hidden, hasCarry ? Tensor.FromArray(c0, Batch, Units) : null), new Pass(new Tape())).Output.ToArray(), trace.Hidden.ToArray());
        Assert.Equal(hasCarry, trace.Cell is not null);
        string[] names = kind switch { "lstm" or "peephole_lstm" => ["input", "forget", "candidate", "output"], "coupled_lstm" => ["input", "candidate", "output"], "simple_rnn" => [], _ => ["reset", "update", "candidate"] };
        Assert.Equal(names, trace.Gates.Keys);

        Dictionary<string, float[]> gates = trace.Gates.ToDictionary(gate => gate.Key, gate => gate.Value.ToArray());
        float[] h = trace.Hidden.ToArray(), c = trace.Cell?.ToArray() ?? [], w = layer.Parameters[0].ToArray(), u = layer.Parameters[1].ToArray(), b = layer.Parameters[2].ToArray();
        float[] own = layer.Parameters.Count > 3 ? layer.Parameters[3].ToArray() : [];
        int columns = w.Length / Inputs;
        for (int n = 0; n < Batch; n++)
            for (int t = 0; t < s_lengths[n]; t++)
            {
                int before = back ? t + 1 : t - 1, at = (n * Steps + t) * Units;
                double Past(float[] states, float[] initial, int unit) => before < 0 || before >= s_lengths[n] ? initial[n * Units + unit] : states[(n * Steps + before) * Units + unit];
                double X(int column) => Enumerable.Range(0, Inputs).Sum(i => (double)x[(n * Steps + t) * Inputs + i] * w[i * columns + column]) + b[column];
                double H(int column, Func<int, double>? scale = null) => Enumerable.Range(0, Units).Sum(k => Past(h, h0, k) * (scale?.Invoke(k) ?? 1) * u[k * columns + column]);
                double G(string name, int unit) => gates[name][at + unit];
                for (int unit = 0; unit < Units; unit++)
                {
                    double Gate(int gate) => X(gate * Units + unit) + H(gate * Units + unit);
                    double Peephole(int gate, double cell) => kind == "peephole_lstm" ? own[gate * Units + unit] * cell : 0;
                    double pastCell = hasCarry ? Past(c, c0, unit) : 0, cell = hasCarry ? c[at + unit] : 0;
                    switch (kind)
                    {
                        case "lstm" or "peephole_lstm":
                            Close(Sigmoid(Gate(0) + Peephole(0, pastCell)), G("input", unit));
                            Close(Sigmoid(Gate(1) + Peephole(1, pastCell)), G("forget", unit));
                            Close(Math.Tanh(Gate(2)), G("candidate", unit));
                            Close(Sigmoid(Gate(3) + Peephole(2, cell)), G("output", unit));
                            Close(G("forget", unit) * pastCell + G("input", unit) * G("candidate", unit), cell);
                            Close(G("output", unit) * Math.Tanh(cell), h[at + unit]);
                            break;
                        case "coupled_lstm":
                            Close(Sigmoid(Gate(0)), G("input", unit));
                            Close(Math.Tanh(Gate(1)), G("candidate", unit));
                            Close(Sigmoid(Gate(2)), G("output", unit));
                            Close((1 - G("input", unit)) * pastCell + G("input", unit) * G("candidate", unit), cell);
                            Close(G("output", unit) * Math.Tanh(cell), h[at + unit]);
                            break;
                        case "gru" or "gru_reset_before":
                            double Bias(int gate) => kind == "gru" ? own[gate * Units + unit] : 0;
                            Close(Sigmoid(Gate(0) + Bias(0)), G("reset", unit));
                            Close(Sigmoid(Gate(1) + Bias(1)), G("update", unit));
                            double candidate = kind == "gru" ? X(2 * Units + unit) + G("reset", unit) * (H(2 * Units + unit) + Bias(2)) : X(2 * Units + unit) + H(2 * Units + unit, k => G("reset", k));
                            Close(Math.Tanh(candidate), G("candidate", unit));
                            Close((1 - G("update", unit)) * G("candidate", unit) + G("update", unit) * Past(h, h0, unit), h[at + unit]);
                            break;
                        default:
                            Close(Math.Tanh(Gate(0)), h[at + unit]);
                            break;
                    }
                }
            }

        static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
        static void Close(double expected, double found) => Assert.Equal(expected, found, 2e-6);
    }

    [Fact]
    public void Padding_is_zero_and_a_dense_input_gives_dense_tensors()
    {
        RecurrentLayer layer = Layer("lstm", back: false);
        Tensor input = Tensor.FromArray(RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0), Batch, Steps, Inputs);
        RecurrentTrace dense = layer.Trace(input), ragged = layer.Trace(input.WithLengths(s_lengths));
        Assert.True(dense.Hidden.Lengths.IsEmpty);
        Assert.Equal(s_lengths, ragged.Gates["forget"].Lengths.ToArray());
        Assert.All(ragged.Gates["forget"].ToArray()[(3 * Units)..(5 * Units)], value => Assert.Equal(0, value));
        // A row does not depend on the others' lengths.
        Assert.Equal(dense.Gates["forget"].ToArray()[(5 * Units)..(10 * Units)], ragged.Gates["forget"].ToArray()[(5 * Units)..(10 * Units)]);
        Assert.Contains("expected an initial cell state [3, 18]", Assert.Throws<ArgumentException>(() => layer.Trace(input, new RecurrentState(Tensor.Zeros(3, 18), Tensor.Zeros(3, 17)))).Message, StringComparison.Ordinal);
    }
}
