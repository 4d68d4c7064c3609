using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000):
/// <code>
/// i = σ(x Wᵢ + h Uᵢ + bᵢ)   f = σ(x W_f + h U_f + b_f)   g = tanh(x W_g + h U_g + b_g)   o = σ(x Wₒ + h Uₒ + bₒ)
/// c′ = f ⊙ c + i ⊙ g        h′ = o ⊙ tanh(c′)
/// </code>
/// σ is <see cref="RecurrentActivation"/> and tanh is <see cref="Activation"/>.
/// </summary>
public class Lstm : RecurrentLayer
{
    internal const string KindName = "lstm";

    private readonly Activation _activation = Activation.Tanh, _recurrentActivation = Activation.Sigmoid;
    private readonly float? _cellClip;
    private readonly float _cellZoneout;

    /// <summary>An LSTM of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public Lstm(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private protected Lstm(LayerSettings settings)
        : base(settings)
    {
        UnitForgetBias = settings.Flag("unit_forget_bias");
        Activation = settings.Activation("activation", Activation.Tanh);
        RecurrentActivation = settings.Activation("recurrent_activation", Activation.Sigmoid);
        CellClip = settings.OptionalNumber("cell_clip");
        CellZoneout = settings.OptionalNumber("cell_zoneout") ?? 0;
    }

    /// <summary>Whether the forget gate's bias begins at 1, so that the cell remembers at first (Jozefowicz et al. 2015). Default true.</summary>
    public bool UnitForgetBias { get; init; } = true;

    /// <summary>
    /// Of the candidate g and of the cell state. Default tanh. One whose slope follows from its value: linear, sigmoid, tanh,
    /// relu, leaky_relu, elu, selu, softsign, hard_sigmoid or hard_tanh.
    /// </summary>
    /// <exception cref="ArgumentException">Another one.</exception>
    public Activation Activation { get => _activation; init => _activation = CellActivations.FromValue(this, nameof(Activation), value); }

    /// <summary>Of the gates. Default sigmoid; one of those that <see cref="Activation"/> can be.</summary>
    /// <exception cref="ArgumentException">Another one.</exception>
    public Activation RecurrentActivation
    {
        get => _recurrentActivation;
        init => _recurrentActivation = CellActivations.FromValue(this, nameof(RecurrentActivation), value);
    }

    /// <summary>
    /// The cell state after each step is held within ± this, and has no gradient where it was beyond (Sak, Senior and Beaufays
    /// 2014). Above 0; default null, no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit that is not a number above 0.</exception>
    public float? CellClip
    {
        get => _cellClip;
        init => _cellClip = value is null or (> 0 and < float.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(CellClip), string.Create(CultureInfo.InvariantCulture, $"{GetType().Name}: cellClip is {value}; expected a number above 0, or null for no limit."));
    }

    /// <summary>
    /// Probability in [0, 1) with which each unit keeps its cell state in a step of training (zoneout, Krueger et al. 2017);
    /// otherwise the new one is this share of the old and the rest of the proposed one. h′ sees the proposed one. Default 0.
    /// </summary>
    public float CellZoneout { get => _cellZoneout; init => _cellZoneout = Share(value, nameof(CellZoneout), "cellZoneout"); }

    internal static Lstm FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => RecurrentCell.Lstm;

    internal override CellOptions Form => new((ActivationKind)Activation.NumberKind!, (ActivationKind)RecurrentActivation.NumberKind!, CellClip ?? float.PositiveInfinity);

    internal override float CarryZoneout => CellZoneout;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["unit_forget_bias"] = UnitForgetBias;
        configuration["activation"] = Activation.Name;
        configuration["recurrent_activation"] = RecurrentActivation.Name;
        configuration["cell_clip"] = CellClip;
        configuration["cell_zoneout"] = CellZoneout;
    }

    private protected override void InitializeBias(Parameter bias)
    {
        if (!UnitForgetBias) return;
        float[] values = new float[bias.Count];
        values.AsSpan(Units, Units).Fill(1f);
        bias.Set(values);
    }
}
