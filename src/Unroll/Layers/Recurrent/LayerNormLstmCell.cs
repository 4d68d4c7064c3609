using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The LSTM with layer normalisation (Ba, Kiros and Hinton 2016, equations 20 to 22), for <see cref="Rnn"/>. N(a; α) = α ⊙ (a − mean) / √(variance
/// + 10⁻⁵); the two products are normalised over all four gates together, the cell state on its way out. Gates i, f, g, o:
/// <code>
/// i, f, g, o = N(x W; α₁) + N(h U; α₂) + b   c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g)   h′ = σ(o) ⊙ tanh(N(c′; α₃) + β₃)
/// </code>
/// The paper's β₁ and β₂ are in b, to which they add.
/// </summary>
public sealed class LayerNormLstmCell : RnnCell<RecurrentState>
{
    internal const string KindName = "layer_norm_lstm";

    private Parameter? _kernel, _recurrentKernel, _bias, _inputGain, _recurrentGain, _cellGain, _cellBias;

    /// <summary>A cell of a given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one unit.</exception>
    public LayerNormLstmCell(int units) => Units = units >= 1 ? units
        : throw new ArgumentOutOfRangeException(nameof(units), $"LayerNormLstmCell: expected at least 1 unit, received {units}.");

    /// <summary>H: the width of hidden and cell state.</summary>
    public override int Units { get; }

    /// <summary>Whether the forget gate's bias begins at 1. Default true.</summary>
    public bool UnitForgetBias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override RecurrentState InitialState(int batch, Pass pass) => new(pass.Zeros(batch, Units), pass.Zeros(batch, Units));

    /// <inheritdoc/>
    public override (Tensor Output, RecurrentState Next) Step(Tensor input, RecurrentState state, Pass pass)
    {
        Tensor fromInput = pass.Normalize(pass.Linear(input, _kernel!), _inputGain!, _bias!);
        Tensor sums = pass.Add(fromInput, pass.Normalize(pass.Linear(state.Hidden, _recurrentKernel!), _recurrentGain!));
        (Tensor output, Tensor carry) = LstmGates.Next(sums, state.Carry!.Value, Units, pass);
        Tensor hidden = pass.Multiply(output, pass.Tanh(pass.Normalize(carry, _cellGain!, _cellBias!)));
        return (hidden, new RecurrentState(hidden, carry));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["units"] = Units;
        configuration["unit_forget_bias"] = UnitForgetBias;
    }

    internal static LayerNormLstmCell FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new LayerNormLstmCell(settings.WholeNumber("units")) { UnitForgetBias = settings.Flag("unit_forget_bias") };
    }

    /// <inheritdoc/>
    protected override void CreateParameters(int inputs)
    {
        _kernel = AddParameter("kernel", new Shape(inputs, 4 * Units), new GlorotUniform());
        _recurrentKernel = AddParameter("recurrent_kernel", new Shape(Units, 4 * Units), new Orthogonal());
        _bias = AddParameter("bias", new Shape(4 * Units));
        if (UnitForgetBias) LstmGates.SetForgetBias(_bias, Units);
        _inputGain = AddParameter("input_gain", new Shape(4 * Units), new Ones());
        _recurrentGain = AddParameter("recurrent_gain", new Shape(4 * Units), new Ones());
        _cellGain = AddParameter("cell_gain", new Shape(Units), new Ones());
        _cellBias = AddParameter("cell_bias", new Shape(Units));
    }
}
