using System.Text.Json.Nodes;
using Unroll.Kernels.Recurrent;

namespace Unroll.Layers;

/// <summary>
/// An LSTM whose gates see the cell state through weights of their own (Gers, Schraudolph and Schmidhuber 2002):
/// pᵢ ⊙ c joins the sum of i, p_f ⊙ c that of f, and pₒ ⊙ c′ that of o. The peepholes begin at zero.
/// </summary>
public sealed class PeepholeLstm : Lstm
{
    internal new const string KindName = "peephole_lstm";

    /// <summary>A peephole LSTM of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    public PeepholeLstm(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private PeepholeLstm(LayerSettings settings)
        : base(settings)
    {
    }

    internal static new PeepholeLstm FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => RecurrentCell.PeepholeLstm;
}
