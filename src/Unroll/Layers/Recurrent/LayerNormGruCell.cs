using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The GRU with layer normalisation (Ba, Kiros and Hinton 2016, the supplement's equations), for <see cref="Rnn"/>. The reset gate multiplies the
/// normalised recurrent product; the update gate z keeps the old state, as in <see cref="Gru"/> (in the paper it takes the new):
/// <code>
/// r, z = σ(N(x W; α₁) + N(h U; α₂) + b)   n = tanh(N(x V; α₃) + c + r ⊙ N(h R; α₄))   h′ = (1 − z) ⊙ n + z ⊙ h
/// </code>
/// N is that of <see cref="LayerNormLstmCell"/>; both gates are normalised together.
/// </summary>
public sealed class LayerNormGruCell : RnnCell<RecurrentState>
{
    internal const string KindName = "layer_norm_gru";

    private Parameter? _kernel, _recurrentKernel, _bias, _candidateKernel, _candidateRecurrentKernel, _candidateBias;
    private Parameter? _inputGain, _recurrentGain, _candidateGain, _candidateRecurrentGain;

    /// <summary>A cell of a given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one unit.</exception>
    public LayerNormGruCell(int units) => Units = units >= 1 ? units
        : throw new ArgumentOutOfRangeException(nameof(units), $"LayerNormGruCell: expected at least 1 unit, received {units}.");

    /// <summary>H: the width of the state.</summary>
    public override int Units { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override RecurrentState InitialState(int batch, Pass pass) => new(pass.Zeros(batch, Units));

    /// <inheritdoc/>
    public override (Tensor Output, RecurrentState Next) Step(Tensor input, RecurrentState state, Pass pass)
    {
        Tensor gates = pass.Sigmoid(pass.Add(
            pass.Normalize(pass.Linear(input, _kernel!), _inputGain!, _bias!), pass.Normalize(pass.Linear(state.Hidden, _recurrentKernel!), _recurrentGain!)));
        Tensor reset = pass.Slice(gates, 0, Units), update = pass.Slice(gates, Units, Units);
        Tensor past = pass.Multiply(reset, pass.Normalize(pass.Linear(state.Hidden, _candidateRecurrentKernel!), _candidateRecurrentGain!));
        Tensor candidate = pass.Tanh(pass.Add(pass.Normalize(pass.Linear(input, _candidateKernel!), _candidateGain!, _candidateBias!), past));
        Tensor hidden = pass.Add(candidate, pass.Multiply(update, pass.Subtract(state.Hidden, candidate)));
        return (hidden, new RecurrentState(hidden));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["units"] = Units;
    }

    internal static LayerNormGruCell FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration).WholeNumber("units"));

    /// <inheritdoc/>
    protected override void CreateParameters(int inputs)
    {
        _kernel = AddParameter("kernel", new Shape(inputs, 2 * Units), new GlorotUniform());
        _recurrentKernel = AddParameter("recurrent_kernel", new Shape(Units, 2 * Units), new Orthogonal());
        _bias = AddParameter("bias", new Shape(2 * Units));
        _candidateKernel = AddParameter("candidate_kernel", new Shape(inputs, Units), new GlorotUniform());
        _candidateRecurrentKernel = AddParameter("candidate_recurrent_kernel", new Shape(Units, Units), new Orthogonal());
        _candidateBias = AddParameter("candidate_bias", new Shape(Units));
        _inputGain = AddParameter("input_gain", new Shape(2 * Units), new Ones());
        _recurrentGain = AddParameter("recurrent_gain", new Shape(2 * Units), new Ones());
        _candidateGain = AddParameter("candidate_gain", new Shape(Units), new Ones());
        _candidateRecurrentGain = AddParameter("candidate_recurrent_gain", new Shape(Units), new Ones());
    }
}
