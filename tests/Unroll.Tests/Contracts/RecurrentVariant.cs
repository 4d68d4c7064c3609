using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>One recurrent layer in one arrangement of its flags.</summary>
/// <param name="Cell">Which cell.</param>
/// <param name="UseBias">Whether the gates have a bias.</param>
/// <param name="SeparateBiases">Whether input and recurrent product have a bias each.</param>
/// <param name="GoBackwards">Whether it reads from the end; not with a merge.</param>
/// <param name="Merge">How both directions are joined; null for one direction.</param>
/// <param name="Extras">What else it sets, or null.</param>
internal sealed record RecurrentVariant(
    RecurrentCell Cell, bool UseBias, bool SeparateBiases, bool GoBackwards, MergeMode? Merge, RecurrentExtras? Extras = null)
{
    /// <summary>The weights are set afterwards, so that drawing them would be time lost.</summary>
    private static readonly Initializer s_zeros = new Zeros();

    public string Name => string.Create(CultureInfo.InvariantCulture,
        $"{Cell}, {(!UseBias ? "no bias" : SeparateBiases ? "two biases" : "one bias")}, {(Merge is { } merge ? $"both ways, {merge}" : GoBackwards ? "backward" : "forward")}{(Extras is null ? "" : $", {Extras}")}");

    /// <summary>φ of a simple layer whose activation is none of those with kernels of their own.</summary>
    public Activation OtherActivation => Extras?.Activation ?? Activation.Gelu;

    public int Directions => Merge is null ? 1 : 2;

    public bool HasCarry => CellKernels.Of(Cell).HasCarry;

    /// <summary>States in all: h and perhaps c for each direction.</summary>
    public int States => Directions * (HasCarry ? 2 : 1);

    /// <summary>Whether the layer has a bias of the recurrent product; a GRU with reset after always has one beside its bias.</summary>
    public bool HasRecurrentBias => UseBias && (SeparateBiases || Cell == RecurrentCell.Gru);

    /// <summary>The output's width.</summary>
    public int WidthOf(int units) => Merge == MergeMode.Concat ? 2 * units : units;

    /// <summary>A layer of these settings, not built.</summary>
    public Layer Make(int units, bool returnSequences) =>
        Merge is { } merge ? new Bidirectional(One(units, returnSequences, goBackwards: false), merge) : One(units, returnSequences, GoBackwards);

    /// <summary>One direction of it.</summary>
    public RecurrentLayer One(int units, bool returnSequences, bool goBackwards)
    {
        RecurrentLayer plain = Cell switch
        {
            RecurrentCell.SimpleTanh => new SimpleRnn(units, "tanh", returnSequences),
            RecurrentCell.SimpleRelu => new SimpleRnn(units, "relu", returnSequences),
            RecurrentCell.SimpleSigmoid => new SimpleRnn(units, "sigmoid", returnSequences),
            RecurrentCell.SimpleLinear => new SimpleRnn(units, "linear", returnSequences),
            RecurrentCell.SimpleOther => new SimpleRnn(units, OtherActivation, returnSequences),
            RecurrentCell.IndRnn => new IndRnn(units, Extras?.Activation ?? Activation.Tanh, returnSequences),
            RecurrentCell.Lstm => new Lstm(units, returnSequences),
            RecurrentCell.PeepholeLstm => new PeepholeLstm(units, returnSequences),
            RecurrentCell.CoupledLstm => new CoupledLstm(units, returnSequences),
            RecurrentCell.Gru => new Gru(units, returnSequences),
            RecurrentCell.GruResetBefore => new Gru(units, returnSequences) { ResetAfter = false },
            _ => throw new NotSupportedException($"The catalogue does not know how to make {Cell}."),
        };
        var settings = new JsonObject();
        plain.WriteConfiguration(settings);
        settings["go_backwards"] = goBackwards;
        settings["use_bias"] = UseBias;
        settings["separate_biases"] = SeparateBiases;
        settings["kernel_initializer"] = s_zeros.Describe();
        settings["recurrent_initializer"] = s_zeros.Describe();
        if (Extras?.Activation is { } activation) settings["activation"] = activation.Name;
        if (Extras?.Gates is { } gates) settings["recurrent_activation"] = gates.Name;
        if (Extras?.Limit is { } limit) settings[Cell == RecurrentCell.IndRnn ? "recurrent_limit" : "cell_clip"] = limit;
        if (Extras is { } extras)
        {
            settings["recurrent_dropout"] = extras.Dropout;
            settings["recurrent_dropout_kind"] = extras.DropoutKind.ToString();
            settings["zoneout"] = extras.Zoneout;
            if (HasCarry) settings["cell_zoneout"] = extras.CellZoneout;
        }
        return (RecurrentLayer)LayerCatalogue.Make(plain.Kind, settings);
    }

    /// <summary>Sets every weight to a number of its own, small enough that the recurrence forgets.</summary>
    public static void Fill(Layer layer)
    {
        for (int i = 0; i < layer.Parameters.Count; i++)
        {
            Parameter parameter = layer.Parameters[i];
            double scale = parameter.Name.EndsWith("recurrent_kernel", StringComparison.Ordinal) ? 0.9 / Math.Sqrt(parameter.Shape[0]) : 0.7;
            parameter.Set(RecurrentData.Numbers(parameter.Count, 100 + i, scale));
        }
    }

    public override string ToString() => Name;
}
