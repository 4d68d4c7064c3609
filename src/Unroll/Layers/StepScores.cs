using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// One feature of each step as the logits of a choice among the steps: [B, T, F] to [B, T] without lengths, −1e30 in the padding, so that a softmax
/// gives it nothing. For where an answer begins and ends in a text (Devlin et al. 2019, arXiv 1810.04805, section 4.2).
/// </summary>
public sealed class StepScores : Layer
{
    internal const string KindName = "step_scores";

    private const float Nothing = -1e30f;

    /// <summary>The choice by a feature.</summary>
    /// <param name="feature">Which, from 0.</param>
    /// <param name="name">Unique in its model; null for "step_scores" …</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public StepScores(int feature, string? name = null)
        : base(name)
    {
        if (feature < 0) throw new ArgumentOutOfRangeException(nameof(feature), $"StepScores: expected a feature of at least 0, received {feature}.");
        Feature = feature;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Which feature.</summary>
    public int Feature { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.RequireFeatures(this, input);
        if (Feature >= input.Features) throw new ArgumentException($"{Title}: expected at least {Feature + 1} features, received {input}.", nameof(input));
        return new Shape(input[0], input[1]);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Shape shape = new(input.Shape[0], input.Shape[1]);
        Tensor scores = ReshapeOp.Of(pass.Tape, SliceFeaturesOp.Of(pass.Tape, input, Feature, 1), shape);
        return input.Layout is null ? scores : AddOp.Of(pass.Tape, scores, Padding(input, shape, pass.Tape));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["feature"] = Feature;
    }

    internal static StepScores FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration).WholeNumber("feature"));

    private static Tensor Padding(Tensor input, Shape shape, Tape tape)
    {
        Tensor padding = tape.New(shape);
        ReadOnlySpan<int> lengths = input.Lengths;
        for (int b = 0; b < lengths.Length; b++)
        {
            Span<float> row = padding.Storage.Slice(b * shape[1], shape[1]);
            row[..lengths[b]].Clear();
            row[lengths[b]..].Fill(Nothing);
        }
        return padding;
    }
}
