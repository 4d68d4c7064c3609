using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Skips the steps of [B, T, F] whose features all equal a value, wherever they stand. The layers after it see the other steps
/// alone, one after another: a recurrent layer goes from one to the next as if nothing stood between, and its last state is the
/// one after the last step that was not skipped.
/// </summary>
/// <remarks>
/// As in Keras, losses and metrics of a model that answers at every step leave the skipped steps out. Its answers there are zeros, like
/// those of padding, unless <see cref="Unmasking"/> gives them the answer of the step before, as Keras does.
/// </remarks>
public sealed class Masking : Layer
{
    internal const string KindName = "masking";

    /// <summary>Skips steps whose features all equal the value.</summary>
    /// <param name="maskValue">The value, finite. Default 0.</param>
    /// <param name="name">Unique in its model; null for "masking" …</param>
    /// <exception cref="ArgumentOutOfRangeException">NaN or infinity.</exception>
    public Masking(float maskValue = 0, string? name = null)
        : base(name)
    {
        if (!float.IsFinite(maskValue))
            throw new ArgumentOutOfRangeException(nameof(maskValue), string.Create(CultureInfo.InvariantCulture, $"Masking: expected a finite value, received {maskValue}."));
        MaskValue = maskValue;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>What all features of a skipped step equal.</summary>
    public float MaskValue { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.Require(this, input, "Only steps can be masked; mask token ids with an Embedding's paddingIndex.");
        return input;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return MaskOp.Of(pass.Tape, input, MaskValue);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["mask_value"] = MaskValue;
    }

    internal static Masking FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration).Number("mask_value"));
}
