using System.Text.Json.Nodes;
using Unroll.Kernels.Recurrent;

namespace Unroll.Layers;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014). The update gate z keeps the old state, as in Keras and PyTorch:
/// <code>
/// r = σ(x Wᵣ + h Uᵣ + bᵣ)   z = σ(x W_z + h U_z + b_z)   h′ = (1 − z) ⊙ n + z ⊙ h
/// reset after:   n = tanh(x W_n + b_n + r ⊙ (h U_n + c_n))
/// reset before:  n = tanh(x W_n + b_n + (r ⊙ h) U_n)
/// </code>
/// </summary>
public sealed class Gru : RecurrentLayer
{
    internal const string KindName = "gru";

    /// <summary>A GRU of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public Gru(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private Gru(LayerSettings settings)
        : base(settings) => ResetAfter = settings.Flag("reset_after");

    /// <summary>
    /// Whether the reset gate multiplies the recurrent product (cuDNN, PyTorch, Keras's default) or the state before it.
    /// Default true; then there are always two biases a gate.
    /// </summary>
    public bool ResetAfter { get; init; } = true;

    internal static Gru FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => ResetAfter ? RecurrentCell.Gru : RecurrentCell.GruResetBefore;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["reset_after"] = ResetAfter;
    }
}
