using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>Σ w_b l_b / max(1, L_b) / Σ w_b over sequences, l_b the −log probability of the L_b labels (<see cref="CtcOp"/>).</summary>
internal sealed unsafe class ConnectionistTemporalClassification(int blank, bool zeroInfinity) : Loss
{
    /// <inheritdoc/>
    public override string Name => "ctc";

    /// <inheritdoc/>
    public override bool TakesLogits => true;

    internal override bool CountsSequences => true;

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["blank"] = blank, ["zero_infinity"] = zeroInfinity };

    private protected override string ExpectedEnding => "'softmax'";

    /// <inheritdoc/>
    public override bool Matches(string activationName) => activationName is "linear" or "softmax";

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        Tensor losses = CtcOp.Of(tape, outputs, targets, blank, zeroInfinity);
        int batch = losses.StoredLength, most = targets.Shape[1];
        float* given = weights is { } tensor ? Checked(tape, tensor, batch) : null, factors = tape.Scratch(batch);
        double total = 0;
        for (int b = 0; b < batch; b++)
        {
            float weight = given is null ? 1f : given[b];
            total += weight;
            factors[b] = weight / Math.Max(1, targets.Layout is { } layout ? layout.Lengths[b] : most);
        }
        return total > 0 ? WeightedMeanOp.Of(tape, losses, factors, total) : Number(tape, 0, tape.Needs(outputs));
    }

    private float* Checked(Tape tape, Tensor weights, int batch)
    {
        if (weights.StoredLength != batch || weights.Layout is not null || weights.Shape[0] != batch)
            throw new ArgumentException($"Loss '{Name}': expected weights [{batch}], one a sequence, received {weights.Shape}.", nameof(weights));
        float* given = tape.Read(weights);
        for (int b = 0; b < batch; b++)
            if (!(given[b] >= 0f && float.IsFinite(given[b])))
                throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Loss '{Name}': weights are finite and not negative; found {given[b]} at batch row {b}."), nameof(weights));
        return given;
    }
}
