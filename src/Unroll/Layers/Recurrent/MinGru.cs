using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Scans;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The minimal GRU of Feng et al. 2024 (arXiv 2410.01201), in its linear form, without the logarithms of the paper's second form:
/// <code>
/// z = σ(x W_z + b_z)   n = x W_n + b_n   h′ = (1 − z) ⊙ h + z ⊙ n
/// </code>
/// Kernel [I, 2H]: z, n.
/// </summary>
public sealed class MinGru : MinimalRecurrentLayer
{
    internal const string KindName = "min_gru";

    /// <summary>A layer of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">Units below 1.</exception>
    public MinGru(int units, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
    }

    private MinGru(LayerSettings settings)
        : base(settings)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override int Sums => MinGruGate.Sums;

    internal static MinGru FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    internal override (Tensor Sequence, Tensor Final) Scan(Tape tape, Tensor sums, Tensor? initial) =>
        GatedScanOp.Of<MinGruGate>(tape, sums, initial, GoBackwards, ParallelScan);
}
