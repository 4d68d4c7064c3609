using System.Text.Json.Nodes;
using Unroll.Kernels.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Long short-term memory with a forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000):
/// <code>
/// i = σ(x Wᵢ + h Uᵢ + bᵢ)   f = σ(x W_f + h U_f + b_f)   g = tanh(x W_g + h U_g + b_g)   o = σ(x Wₒ + h Uₒ + bₒ)
/// c′ = f ⊙ c + i ⊙ g        h′ = o ⊙ tanh(c′)
/// </code>
/// </summary>
public class Lstm : RecurrentLayer
{
    internal const string KindName = "lstm";

    /// <summary>An LSTM of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public Lstm(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private protected Lstm(LayerSettings settings)
        : base(settings) => UnitForgetBias = settings.Flag("unit_forget_bias");

    /// <summary>Whether the forget gate's bias begins at 1, so that the cell remembers at first (Jozefowicz et al. 2015). Default true.</summary>
    public bool UnitForgetBias { get; init; } = true;

    internal static Lstm FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => RecurrentCell.Lstm;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["unit_forget_bias"] = UnitForgetBias;
    }

    private protected override void InitializeBias(Parameter bias)
    {
        if (!UnitForgetBias) return;
        float[] values = new float[bias.Count];
        values.AsSpan(Units, Units).Fill(1f);
        bias.Set(values);
    }
}
