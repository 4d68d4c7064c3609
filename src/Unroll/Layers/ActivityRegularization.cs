using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Gives its input back and in training adds (a·Σ|x| + s·Σx²) / B to the loss, over the real steps of a batch of B
/// sequences: Keras's activity regulariser as a layer.
/// </summary>
public sealed class ActivityRegularization : Layer
{
    internal const string KindName = "activity_regularization";

    /// <summary>A penalty on activity.</summary>
    /// <param name="absolute">a, what each |x| costs; finite, at least 0. Default 0.</param>
    /// <param name="square">s, what each x² costs; finite, at least 0. Default 0.</param>
    /// <param name="name">Unique in its model; null for "activity_regularization", "activity_regularization_1" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative, infinite or NaN factor.</exception>
    public ActivityRegularization(float absolute = 0, float square = 0, string? name = null)
        : base(name)
    {
        Absolute = PenaltyFactor.Checked(absolute, nameof(ActivityRegularization), nameof(absolute));
        Square = PenaltyFactor.Checked(square, nameof(ActivityRegularization), nameof(square));
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>a, what each |x| costs.</summary>
    public float Absolute { get; }

    /// <summary>s, what each x² costs.</summary>
    public float Square { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input) => input;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        int batch = input.Shape[0];
        if (pass.Training && batch > 0 && (Absolute > 0 || Square > 0))
            pass.Tape.Penalize(ActivityPenaltyOp.Of(pass.Tape, input, (double)Absolute / batch, (double)Square / batch));
        return input;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["absolute"] = Absolute;
        configuration["square"] = Square;
    }

    internal static ActivityRegularization FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new ActivityRegularization(settings.Number("absolute"), settings.Number("square"));
    }
}
