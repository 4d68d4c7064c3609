using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>
/// The loss of a layer that holds parameters which the loss needs: it finds the layer's head on the outputs
/// (<see cref="OutputHead"/>) and asks it for the mean over real targets.
/// </summary>
/// <param name="name">The head's name, and the loss's.</param>
/// <param name="layer">The layer's class, for messages.</param>
/// <param name="ignoredTarget">The class index that counts nowhere, or null for none.</param>
internal sealed unsafe class OutputHeadLoss(string name, string layer, int? ignoredTarget) : Loss
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override bool TakesLogits => true;

    internal override int? IgnoredTarget => ignoredTarget;

    /// <inheritdoc/>
    internal override JsonObject Settings => [];

    private protected override string ExpectedEnding => $"a layer {layer}";

    /// <inheritdoc/>
    public override bool Matches(string activationName) => activationName == name;

    /// <inheritdoc/>
    internal override Basics.Shape? TargetShapeOf(Basics.Shape outputs) => outputs.With(-1, 1);

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        if (outputs.Buffer.Mark.Head is not OutputHead head || head.Name != name)
            throw new ArgumentException($"Loss '{Name}': expected what a model gives that ends in {layer}, from ForwardBeforeActivation; these outputs {outputs.Shape} are another layer's.", nameof(outputs));
        var rows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), 1, perElement: false);
        float* given = rows.Targets(), rowWeights = tape.Scratch(rows.Rows);
        int* labels = (int*)tape.Scratch(rows.Rows);
        double total = 0;
        for (int r = 0; r < rows.Rows; r++)
        {
            rowWeights[r] = given[r] == ignoredTarget ? 0f : rows.RowWeights is null ? 1f : rows.RowWeights[r];
            labels[r] = 0;
            if (rowWeights[r] == 0f && !(given[r] >= 0f && given[r] < head.Classes)) continue;
            if (!(given[r] >= 0f && given[r] < head.Classes) || given[r] != MathF.Floor(given[r]))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Loss '{Name}': the target at {rows.Describe(r)} is {given[r]}; expected a whole number from 0 to {head.Classes - 1}{(ignoredTarget is { } ignored ? $", or {ignored} to ignore it" : "")}."), nameof(targets));
            labels[r] = (int)given[r];
            total += rowWeights[r];
        }
        return total > 0 ? head.Loss(tape, outputs, labels, rowWeights, total) : Number(tape, 0, tape.Needs(outputs));
    }
}
