using System.Globalization;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>One recurrent layer in one arrangement of its flags.</summary>
/// <param name="Cell">Which cell.</param>
/// <param name="UseBias">Whether the gates have a bias.</param>
/// <param name="SeparateBiases">Whether input and recurrent product have a bias each.</param>
/// <param name="GoBackwards">Whether it reads from the end; not with a merge.</param>
/// <param name="Merge">How both directions are joined; null for one direction.</param>
internal sealed record RecurrentVariant(RecurrentCell Cell, bool UseBias, bool SeparateBiases, bool GoBackwards, MergeMode? Merge)
{
    /// <summary>The weights are set afterwards, so that drawing them would be time lost.</summary>
    private static readonly Initializer s_zeros = new Zeros();

    public string Name => string.Create(CultureInfo.InvariantCulture,
        $"{Cell}, {(!UseBias ? "no bias" : SeparateBiases ? "two biases" : "one bias")}, {(Merge is { } merge ? $"both ways, {merge}" : GoBackwards ? "backward" : "forward")}");

    public int Directions => Merge is null ? 1 : 2;

    public bool HasCarry => Cell is RecurrentCell.Lstm or RecurrentCell.PeepholeLstm or RecurrentCell.CoupledLstm;

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
    public RecurrentLayer One(int units, bool returnSequences, bool goBackwards) => Cell switch
    {
        RecurrentCell.Lstm => new Lstm(units, returnSequences) { GoBackwards = goBackwards, UseBias = UseBias, SeparateBiases = SeparateBiases, KernelInitializer = s_zeros, RecurrentInitializer = s_zeros },
        RecurrentCell.PeepholeLstm => new PeepholeLstm(units, returnSequences) { GoBackwards = goBackwards, UseBias = UseBias, SeparateBiases = SeparateBiases, KernelInitializer = s_zeros, RecurrentInitializer = s_zeros },
        RecurrentCell.CoupledLstm => new CoupledLstm(units, returnSequences) { GoBackwards = goBackwards, UseBias = UseBias, SeparateBiases = SeparateBiases, KernelInitializer = s_zeros, RecurrentInitializer = s_zeros },
        RecurrentCell.Gru => new Gru(units, returnSequences) { GoBackwards = goBackwards, UseBias = UseBias, SeparateBiases = SeparateBiases, KernelInitializer = s_zeros, RecurrentInitializer = s_zeros },
        RecurrentCell.GruResetBefore => new Gru(units, returnSequences) { ResetAfter = false, GoBackwards = goBackwards, UseBias = UseBias, SeparateBiases = SeparateBiases, KernelInitializer = s_zeros, RecurrentInitializer = s_zeros },
        RecurrentCell.SimpleTanh => Simple("tanh", units, returnSequences, goBackwards),
        RecurrentCell.SimpleRelu => Simple("relu", units, returnSequences, goBackwards),
        RecurrentCell.SimpleSigmoid => Simple("sigmoid", units, returnSequences, goBackwards),
        RecurrentCell.SimpleLinear => Simple("linear", units, returnSequences, goBackwards),
        _ => throw new NotSupportedException($"The catalogue does not know how to make {Cell}."),
    };

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

    private SimpleRnn Simple(string activation, int units, bool returnSequences, bool goBackwards) =>
        new(units, activation, returnSequences) { GoBackwards = goBackwards, UseBias = UseBias, SeparateBiases = SeparateBiases, KernelInitializer = s_zeros, RecurrentInitializer = s_zeros };
}
