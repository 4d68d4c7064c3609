using System.Text.Json.Nodes;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;

namespace Unroll.Layers;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014). The update gate z keeps the old state, as in Keras and PyTorch:
/// <code>
/// r = σ(x Wᵣ + h Uᵣ + bᵣ)   z = σ(x W_z + h U_z + b_z)   h′ = (1 − z) ⊙ n + z ⊙ h
/// reset after:   n = tanh(x W_n + b_n + r ⊙ (h U_n + c_n))
/// reset before:  n = tanh(x W_n + b_n + (r ⊙ h) U_n)
/// </code>
/// σ is <see cref="RecurrentActivation"/> and tanh is <see cref="Activation"/>.
/// </summary>
public sealed class Gru : RecurrentLayer
{
    internal const string KindName = "gru";

    private readonly Activation _activation = Activation.Tanh, _recurrentActivation = Activation.Sigmoid;

    /// <summary>A GRU of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public Gru(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private Gru(LayerSettings settings)
        : base(settings)
    {
        ResetAfter = settings.Flag("reset_after");
        Activation = settings.Activation("activation", Activation.Tanh);
        RecurrentActivation = settings.Activation("recurrent_activation", Activation.Sigmoid);
    }

    /// <summary>
    /// Whether the reset gate multiplies the recurrent product (cuDNN, PyTorch, Keras's default) or the state before it.
    /// Default true; then there are always two biases a gate.
    /// </summary>
    public bool ResetAfter { get; init; } = true;

    /// <summary>
    /// Of the candidate n. Default tanh. One whose slope follows from its value: linear, sigmoid, tanh, relu, leaky_relu, elu, selu,
    /// softsign, hard_sigmoid or hard_tanh.
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

    internal static Gru FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => ResetAfter ? RecurrentCell.Gru : RecurrentCell.GruResetBefore;

    internal override CellOptions Form => new((ActivationKind)Activation.NumberKind!, (ActivationKind)RecurrentActivation.NumberKind!);

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["reset_after"] = ResetAfter;
        configuration["activation"] = Activation.Name;
        configuration["recurrent_activation"] = RecurrentActivation.Name;
    }
}
