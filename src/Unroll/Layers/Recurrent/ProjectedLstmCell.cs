using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The LSTM whose hidden state is a projection of its units (Sak, Senior and Beaufays 2014; PyTorch's <c>proj_size</c>), for
/// <see cref="Rnn"/>: many cell states with few recurrent weights. Gates in the order i, f, g, o:
/// <code>
/// i, f, o = σ(x W + h U + b)   g = tanh(x W + h U + b)   c′ = f ⊙ c + i ⊙ g   h′ = (o ⊙ tanh(c′)) P
/// </code>
/// </summary>
public sealed class ProjectedLstmCell : RnnCell<RecurrentState>
{
    internal const string KindName = "projected_lstm";

    private Parameter? _kernel, _recurrentKernel, _bias, _projection;

    /// <summary>A cell of given widths.</summary>
    /// <param name="cellUnits">H, the width of the cell state. At least 1.</param>
    /// <param name="units">R, the width of the hidden state and the output. At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public ProjectedLstmCell(int cellUnits, int units)
    {
        if (cellUnits < 1) throw new ArgumentOutOfRangeException(nameof(cellUnits), $"ProjectedLstmCell: expected at least 1 cell unit, received {cellUnits}.");
        if (units < 1) throw new ArgumentOutOfRangeException(nameof(units), $"ProjectedLstmCell: expected at least 1 unit, received {units}.");
        (CellUnits, Units) = (cellUnits, units);
    }

    /// <summary>H: the width of the cell state.</summary>
    public int CellUnits { get; }

    /// <summary>R: the width of the hidden state.</summary>
    public override int Units { get; }

    /// <summary>Whether the forget gate's bias begins at 1. Default true.</summary>
    public bool UnitForgetBias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override RecurrentState InitialState(int batch, Pass pass) => new(pass.Zeros(batch, Units), pass.Zeros(batch, CellUnits));

    /// <inheritdoc/>
    public override (Tensor Output, RecurrentState Next) Step(Tensor input, RecurrentState state, Pass pass)
    {
        Tensor sums = pass.Add(pass.Linear(input, _kernel!, _bias), pass.Linear(state.Hidden, _recurrentKernel!));
        (Tensor output, Tensor carry) = LstmGates.Next(sums, state.Carry!.Value, CellUnits, pass);
        Tensor hidden = pass.Linear(pass.Multiply(output, pass.Tanh(carry)), _projection!);
        return (hidden, new RecurrentState(hidden, carry));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["cell_units"] = CellUnits;
        configuration["units"] = Units;
        configuration["unit_forget_bias"] = UnitForgetBias;
    }

    internal static ProjectedLstmCell FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new ProjectedLstmCell(settings.WholeNumber("cell_units"), settings.WholeNumber("units")) { UnitForgetBias = settings.Flag("unit_forget_bias") };
    }

    /// <inheritdoc/>
    protected override void CreateParameters(int inputs)
    {
        _kernel = AddParameter("kernel", new Shape(inputs, 4 * CellUnits), new GlorotUniform());
        _recurrentKernel = AddParameter("recurrent_kernel", new Shape(Units, 4 * CellUnits), new Orthogonal());
        _bias = AddParameter("bias", new Shape(4 * CellUnits));
        if (UnitForgetBias) LstmGates.SetForgetBias(_bias, CellUnits);
        _projection = AddParameter("projection_kernel", new Shape(CellUnits, Units), new GlorotUniform());
    }
}
