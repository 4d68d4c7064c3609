using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;

namespace Unroll.Layers;

/// <summary>
/// The independently recurrent layer (Li et al. 2018, "Independently Recurrent Neural Network (IndRNN)"): each unit sees its own
/// past alone, h′ = φ(x W + u ⊙ h + b), u [H]. Units meet in the layer above; so stack at least two.
/// </summary>
/// <remarks>The recurrent kernel u begins uniform in [0, 1), as in the paper; initialisers see it as one row of H.</remarks>
public sealed class IndRnn : RecurrentLayer
{
    internal const string KindName = "ind_rnn";

    private readonly float? _recurrentLimit;

    /// <summary>An independently recurrent layer of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="activation">φ, as an object or a Keras name: any but softmax. Default relu, as in the paper.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">An activation of whole rows.</exception>
    public IndRnn(int units, Activation? activation = null, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
        Activation = CellActivations.OfNumbers(this, nameof(Activation), activation ?? Activation.Relu);
        RecurrentInitializer = new RandomUniform(0, 1);
    }

    private IndRnn(LayerSettings settings)
        : base(settings)
    {
        Activation = CellActivations.OfNumbers(this, nameof(Activation), settings.Activation("activation"));
        RecurrentLimit = settings.OptionalNumber("recurrent_limit");
    }

    /// <summary>φ.</summary>
    public Activation Activation { get; }

    /// <summary>
    /// u is used within ± this, so that gradients over many steps do not explode; the paper has γ^(1/T) for T steps, γ for
    /// example 2. A weight that has left the limits gets only gradients that lead back. Above 0; default null, no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit that is not a number above 0.</exception>
    public float? RecurrentLimit
    {
        get => _recurrentLimit;
        init => _recurrentLimit = value is null or (> 0 and < float.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(RecurrentLimit), string.Create(CultureInfo.InvariantCulture, $"IndRnn: recurrentLimit is {value}; expected a number above 0, or null for no limit."));
    }

    internal static IndRnn FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => RecurrentCell.IndRnn;

    internal override CellOptions Form => new((ActivationKind)Activation.NumberKind!, Limit: RecurrentLimit ?? float.PositiveInfinity);

    internal override bool IsUsual => false;

    internal override bool HasCandidate => false;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["activation"] = Activation.Name;
        configuration["recurrent_limit"] = RecurrentLimit;
    }
}
