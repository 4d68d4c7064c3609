using System.Text.Json.Nodes;
using Unroll.Kernels.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// An LSTM whose input and forget gate are coupled, f = 1 − i: what is forgotten makes room for what is written (Greff et
/// al. 2017, "LSTM: A Search Space Odyssey", CIFG; here without peepholes):
/// <code>
/// i = σ(x Wᵢ + h Uᵢ + bᵢ)   g = tanh(x W_g + h U_g + b_g)   o = σ(x Wₒ + h Uₒ + bₒ)
/// c′ = (1 − i) ⊙ c + i ⊙ g   h′ = o ⊙ tanh(c′)
/// </code>
/// Three gates in the order i, g, o. With <see cref="Lstm.UnitForgetBias"/> bᵢ begins at −1, so that 1 − i begins at σ(1).
/// </summary>
public sealed class CoupledLstm : Lstm
{
    internal new const string KindName = "coupled_lstm";

    /// <summary>A coupled LSTM of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public CoupledLstm(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private CoupledLstm(LayerSettings settings)
        : base(settings)
    {
    }

    internal static new CoupledLstm FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => RecurrentCell.CoupledLstm;

    private protected override void InitializeBias(Parameter bias)
    {
        if (!UnitForgetBias) return;
        float[] values = new float[bias.Count];
        values.AsSpan(0, Units).Fill(-1f);
        bias.Set(values);
    }
}
