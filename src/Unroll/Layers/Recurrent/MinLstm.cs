using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Scans;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The minimal LSTM of Feng et al. 2024 (arXiv 2410.01201), in its linear form with gates brought to a sum of one:
/// <code>
/// f = σ(x W_f + b_f)   i = σ(x Wᵢ + bᵢ)   n = x W_n + b_n   h′ = f / (f + i) ⊙ h + i / (f + i) ⊙ n
/// </code>
/// Kernel [I, 3H]: f, i, n.
/// </summary>
public sealed class MinLstm : MinimalRecurrentLayer
{
    internal const string KindName = "min_lstm";

    /// <summary>A layer of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">Units below 1.</exception>
    public MinLstm(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private MinLstm(LayerSettings settings)
        : base(settings)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override int Sums => MinLstmGate.Sums;

    internal static MinLstm FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    internal override (Tensor Sequence, Tensor Final) Scan(Tape tape, Tensor sums, Tensor? initial) =>
        GatedScanOp.Of<MinLstmGate>(tape, sums, initial, GoBackwards, ParallelScan);
}
