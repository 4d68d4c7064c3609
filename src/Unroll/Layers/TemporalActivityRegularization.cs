using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Gives a sequence [B, T, F] back and in training adds AR and TAR to the loss (Merity et al. 2017, arXiv 1708.02182,
/// section 4.7): α · the mean of h² and β · the mean of (h_t − h_{t−1})², over real steps. Means, as the authors'
/// program has them; the paper writes norms.
/// </summary>
/// <remarks>There AR sees a recurrent layer's output after dropout and TAR before: put one of these on either side.</remarks>
public sealed class TemporalActivityRegularization : Layer
{
    internal const string KindName = "temporal_activity_regularization";

    /// <summary>A penalty on activity and on its change.</summary>
    /// <param name="activity">α, what the mean square costs; finite, at least 0. The paper's is 2. Default 0.</param>
    /// <param name="change">β, what the mean squared difference of neighbouring steps costs; finite, at least 0. The paper's is 1. Default 0.</param>
    /// <param name="name">Unique in its model; null for "temporal_activity_regularization" and so on.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative, infinite or NaN factor.</exception>
    public TemporalActivityRegularization(float activity = 0, float change = 0, string? name = null)
        : base(name)
    {
        Activity = PenaltyFactor.Checked(activity, nameof(TemporalActivityRegularization), nameof(activity));
        Change = PenaltyFactor.Checked(change, nameof(TemporalActivityRegularization), nameof(change));
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>α, what the mean square costs.</summary>
    public float Activity { get; }

    /// <summary>β, what the mean squared difference of neighbouring steps costs.</summary>
    public float Change { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input) => input.Rank == 3
        ? input
        : throw new ArgumentException($"{Title}: expected a sequence [batch, time, features], received {input}. Let the recurrent layer before it return sequences.", nameof(input));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        if (!pass.Training) return input;
        Tape tape = pass.Tape;
        input = PackOp.ByTime(tape, input);
        if (Activity > 0 && input.StoredLength > 0) tape.Penalize(ActivityPenaltyOp.Of(tape, input, 0, (double)Activity / input.StoredLength));
        if (Change > 0) tape.Penalize(StepDifferencePenaltyOp.Of(tape, input, Change));
        return input;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["activity"] = Activity;
        configuration["change"] = Change;
    }

    internal static TemporalActivityRegularization FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new TemporalActivityRegularization(settings.Number("activity"), settings.Number("change"));
    }
}
