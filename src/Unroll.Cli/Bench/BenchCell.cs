using Unroll.Layers;

namespace Unroll.Cli.Bench;

/// <summary>A recurrent layer that can be timed.</summary>
/// <param name="Multiplications">For I inputs and H units those of one row's step that no implementation can leave out: the products with input and state.</param>
/// <param name="Make">The layer of H units, with two biases where it can have them, and every step's output.</param>
/// <param name="IsFused">Whether one kernel computes it, or a cell's step on tensors.</param>
internal sealed record BenchCell(Func<double, double, double> Multiplications, Func<int, SequenceLayer> Make, bool IsFused = true)
{
    /// <summary>The cells by the names that a list of shapes uses; the first three are those that peers have too.</summary>
    public static IReadOnlyDictionary<string, BenchCell> All { get; } = new Dictionary<string, BenchCell>
    {
        ["rnn"] = new(Gates(1), units => new SimpleRnn(units, "tanh", returnSequences: true) { SeparateBiases = true }),
        ["lstm"] = new(Gates(4), units => new Lstm(units, returnSequences: true) { SeparateBiases = true }),
        ["gru"] = new(Gates(3), units => new Gru(units, returnSequences: true) { SeparateBiases = true }),
        ["rnn_elu"] = new(Gates(1), units => new SimpleRnn(units, "elu", returnSequences: true) { SeparateBiases = true }),
        ["ind_rnn"] = new(OfInputs(1), units => new IndRnn(units, returnSequences: true) { SeparateBiases = true }),
        ["peephole_lstm"] = new(Gates(4), units => new PeepholeLstm(units, returnSequences: true) { SeparateBiases = true }),
        ["coupled_lstm"] = new(Gates(3), units => new CoupledLstm(units, returnSequences: true) { SeparateBiases = true }),
        ["lstm_clip"] = new(Gates(4), units => new Lstm(units, returnSequences: true) { SeparateBiases = true, CellClip = 3 }),
        ["lstm_hard"] = new(Gates(4), units => new Lstm(units, returnSequences: true) { SeparateBiases = true, RecurrentActivation = "hard_sigmoid" }),
        ["gru_before"] = new(Gates(3), units => new Gru(units, returnSequences: true) { SeparateBiases = true, ResetAfter = false }),
        ["gru_hard"] = new(Gates(3), units => new Gru(units, returnSequences: true) { SeparateBiases = true, RecurrentActivation = "hard_sigmoid" }),
        ["min_gru"] = new(OfInputs(2), units => new MinGru(units, returnSequences: true)),
        ["min_lstm"] = new(OfInputs(3), units => new MinLstm(units, returnSequences: true)),
        ["own_lstm"] = new(Gates(4), units => new Rnn(new OwnLstmCell(units), returnSequences: true), IsFused: false),
        // A cell of 2H whose output is projected to H.
        ["projected_lstm"] = new((inputs, units) => 4 * 2 * units * (inputs + units) + 2 * units * units, units => new Rnn(new ProjectedLstmCell(2 * units, units), returnSequences: true), IsFused: false),
        ["layer_norm_lstm"] = new(Gates(4), units => new Rnn(new LayerNormLstmCell(units), returnSequences: true), IsFused: false),
        ["layer_norm_gru"] = new(Gates(3), units => new Rnn(new LayerNormGruCell(units), returnSequences: true), IsFused: false),
        // A hidden layer of H, and an output of H that is fed back.
        ["jordan"] = new((inputs, units) => units * (inputs + 2 * units), units => new Rnn(new JordanCell(units, units), returnSequences: true), IsFused: false),
    };

    private static Func<double, double, double> Gates(int gates) => (inputs, units) => gates * units * (inputs + units);

    private static Func<double, double, double> OfInputs(int gates) => (inputs, units) => gates * units * inputs;
}
