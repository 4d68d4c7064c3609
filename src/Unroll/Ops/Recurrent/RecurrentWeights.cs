using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;
using Unroll.Tensors;

namespace Unroll.Ops.Recurrent;

/// <summary>
/// The parameters of one recurrent layer in one direction, laid out for the fused kernels. Logical gate orders:
/// LSTM i, f, g, o, coupled i, g, o; GRU r, z, n; peepholes i, f, o.
/// </summary>
internal sealed class RecurrentWeights
{
    /// <summary>Makes the parameters, all zeros.</summary>
    /// <param name="cell">Which cell.</param>
    /// <param name="inputs">I, at least 1.</param>
    /// <param name="units">H, at least 1.</param>
    /// <param name="useBias">Whether there is a bias.</param>
    /// <param name="separateBiases">Whether the recurrent product has a bias of its own, as in PyTorch; a GRU with reset after always has.</param>
    public RecurrentWeights(RecurrentCell cell, int inputs, int units, bool useBias, bool separateBiases)
    {
        Cell = cell;
        int gates = GatesOf(cell);
        // The GRU's buffer wants the recurrent groups in the order n, r, z (GruKernel).
        int firstRecurrent = cell == RecurrentCell.Gru ? 2 : 0;
        Kernel = new Parameter("kernel", new Shape(inputs, gates * units), new PanelLayout(inputs, gates, units));
        RecurrentKernel = cell == RecurrentCell.IndRnn
            ? new Parameter("recurrent_kernel", new Shape(units), new PanelLayout(1, 1, units))
            : new Parameter("recurrent_kernel", new Shape(units, gates * units), new PanelLayout(units, gates, units, firstRecurrent));
        if (useBias)
        {
            Bias = new Parameter("bias", new Shape(gates * units), new PanelLayout(1, gates, units));
            if (separateBiases || cell == RecurrentCell.Gru)
                RecurrentBias = new Parameter("recurrent_bias", new Shape(gates * units), new PanelLayout(1, gates, units, firstRecurrent));
        }
        if (cell == RecurrentCell.PeepholeLstm)
            Peepholes = new Parameter("peepholes", new Shape(3, units), new PanelLayout(1, 3, units));
        UnitWeights = cell == RecurrentCell.IndRnn ? RecurrentKernel : Peepholes;
        All = [.. new[] { Kernel, RecurrentKernel, Bias, RecurrentBias, Peepholes }.OfType<Parameter>()];
    }

    public RecurrentCell Cell { get; }

    public Parameter Kernel { get; }

    /// <summary>[H, G · H]; [H] where a unit sees its own state alone.</summary>
    public Parameter RecurrentKernel { get; private set; }

    public Parameter? Bias { get; }

    public Parameter? RecurrentBias { get; }

    public Parameter? Peepholes { get; }

    /// <summary>The weights that units have for themselves: the peepholes, or such a recurrent kernel.</summary>
    public Parameter? UnitWeights { get; private set; }

    public int Units => RecurrentKernel.Panels!.Units;

    /// <summary>The parameters that exist, in the order in which layers list them.</summary>
    public Parameter[] All { get; }

    /// <summary>The same parameters with a recurrent kernel of zeros that no layer lists: a place for what a pass makes of it.</summary>
    public RecurrentWeights WithOwnRecurrentKernel()
    {
        var copy = (RecurrentWeights)MemberwiseClone();
        copy.RecurrentKernel = new Parameter(RecurrentKernel.Name, RecurrentKernel.Shape, RecurrentKernel.Panels);
        if (UnitWeights == RecurrentKernel) copy.UnitWeights = copy.RecurrentKernel;
        return copy;
    }

    /// <summary>G of a cell: 4, 3 or 1.</summary>
    public static int GatesOf(RecurrentCell cell) => cell switch
    {
        RecurrentCell.Lstm or RecurrentCell.PeepholeLstm => 4,
        RecurrentCell.CoupledLstm or RecurrentCell.Gru or RecurrentCell.GruResetBefore => 3,
        _ => 1,
    };
}
