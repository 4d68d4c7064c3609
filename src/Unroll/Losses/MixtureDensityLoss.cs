using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Losses;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>The mean over rows of −log of their mixture's density at the targets (<see cref="MixtureDensityOp"/>).</summary>
internal sealed unsafe class MixtureDensityLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "mixture_density";

    /// <inheritdoc/>
    internal override JsonObject Settings => [];

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        int features = outputs.Features, width = !targets.IsDefault && targets.Shape.Rank == outputs.Shape.Rank ? targets.Shape[-1] : 1;
        if (features % (1 + 2 * width) != 0 || features == 0)
            throw new ArgumentException($"Loss '{Name}': targets of {width} numbers a row need outputs of a multiple of {1 + 2 * width}: a weight, means and scales for each component; received {outputs.Shape}.", nameof(outputs));
        var rows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), width, perElement: false);
        double total = rows.RowWeights is null ? rows.Rows : WeightedSum.OfWeights(rows.RowWeights, rows.Rows);
        if (!(total > 0)) return Number(tape, 0, tape.Needs(outputs));
        Tensor losses = MixtureDensityOp.Of(tape, outputs, rows.Targets(), features / (1 + 2 * width));
        return WeightedMeanOp.Of(tape, losses, rows.RowWeights, total);
    }
}
