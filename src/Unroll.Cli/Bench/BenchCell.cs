using Unroll.Layers;

namespace Unroll.Cli.Bench;

/// <summary>A recurrent layer that can be timed.</summary>
/// <param name="Gates">Products of H columns with the input, and with the state where <paramref name="SeesOthers"/>.</param>
/// <param name="SeesOthers">Whether units see one another's states.</param>
/// <param name="Make">The layer of H units, with two biases and every step's output.</param>
internal sealed record BenchCell(int Gates, bool SeesOthers, Func<int, RecurrentLayer> Make)
{
    /// <summary>The cells by the names that a list of shapes uses; the first three are those that peers have too.</summary>
    public static IReadOnlyDictionary<string, BenchCell> All { get; } = new Dictionary<string, BenchCell>
    {
        ["rnn"] = new(1, true, units => new SimpleRnn(units, "tanh", returnSequences: true) { SeparateBiases = true }),
        ["lstm"] = new(4, true, units => new Lstm(units, returnSequences: true) { SeparateBiases = true }),
        ["gru"] = new(3, true, units => new Gru(units, returnSequences: true) { SeparateBiases = true }),
        ["rnn_elu"] = new(1, true, units => new SimpleRnn(units, "elu", returnSequences: true) { SeparateBiases = true }),
        ["ind_rnn"] = new(1, false, units => new IndRnn(units, returnSequences: true) { SeparateBiases = true }),
        ["peephole_lstm"] = new(4, true, units => new PeepholeLstm(units, returnSequences: true) { SeparateBiases = true }),
        ["coupled_lstm"] = new(3, true, units => new CoupledLstm(units, returnSequences: true) { SeparateBiases = true }),
        ["lstm_clip"] = new(4, true, units => new Lstm(units, returnSequences: true) { SeparateBiases = true, CellClip = 3 }),
        ["lstm_hard"] = new(4, true, units => new Lstm(units, returnSequences: true) { SeparateBiases = true, RecurrentActivation = "hard_sigmoid" }),
        ["gru_before"] = new(3, true, units => new Gru(units, returnSequences: true) { SeparateBiases = true, ResetAfter = false }),
        ["gru_hard"] = new(3, true, units => new Gru(units, returnSequences: true) { SeparateBiases = true, RecurrentActivation = "hard_sigmoid" }),
    };
}
