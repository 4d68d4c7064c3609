using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Adds a trained row to each step, by the segment in which it lies: y_t = x_t + s_k, k the segment of step t, s [segments, F] (Devlin et al. 2019,
/// arXiv 1810.04805, section 3).
/// </summary>
/// <remarks>Inputs <c>Of(x, segments)</c>, x [B, T, F] and whole numbers [B, T] from 0; with x alone all steps lie in segment 0.</remarks>
public sealed class SegmentEmbedding : MultipleInputLayer
{
    internal const string KindName = "segment_embedding";

    private Parameter? _table;

    /// <summary>An embedding of segments; F follows from the first input's shape.</summary>
    /// <param name="segments">How many segments have a row. At least 1; BERT has 2.</param>
    /// <param name="initializer">First values; default <see cref="RandomUniform"/> within ±0.05, as <see cref="Embedding"/>'s.</param>
    /// <param name="name">Unique in its model; null for "segment_embedding" …</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 segment.</exception>
    public SegmentEmbedding(int segments, Initializer? initializer = null, string? name = null)
        : base(name)
    {
        if (segments < 1) throw new ArgumentOutOfRangeException(nameof(segments), $"SegmentEmbedding: expected at least 1 segment, received {segments}.");
        (Segments, Initializer) = (segments, initializer ?? new RandomUniform());
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>How many segments have a row.</summary>
    public int Segments { get; }

    /// <summary>First values.</summary>
    public Initializer Initializer { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length is < 1 or > 2)
            throw new ArgumentException($"{Title}: expected one input, or what is read and the segment of each step, received {inputs.Length}.", nameof(inputs));
        TimeAxis.RequireFeatures(this, inputs[0]);
        if (inputs.Length == 2 && !(inputs[1].Rank == 2 && Shape.Meet(inputs[0][0], inputs[1][0]) && Shape.Meet(inputs[0][1], inputs[1][1])))
            throw new ArgumentException($"{Title}: expected segments [batch, time] for the steps of {inputs[0]}, received {inputs[1]}.", nameof(inputs));
        return inputs[0];
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A segment that is no whole number from 0 to <see cref="Segments"/> − 1.</exception>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        if (!IsBuilt && inputs.Length == 2 && inputs[1].Shape.Rank == 2) Build([OpenAxes(inputs[0].Shape), new Shape(Shape.Unknown, Shape.Unknown)], pass.Seed);
        EnsureBuilt(inputs, pass);
        Tensor x = inputs[0];
        return AddOp.Of(pass.Tape, x, EmbeddingOp.Of(pass.Tape, inputs.Length == 2 ? inputs[1] : First(x, pass.Tape), _table!));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["segments"] = Segments;
        configuration["initializer"] = Initializer.Describe();
    }

    internal static SegmentEmbedding FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new SegmentEmbedding(settings.WholeNumber("segments"), settings.Initializer("initializer"));
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed) =>
        _table = AddParameter(new Parameter("embeddings", new Shape(Segments, inputs[0].Features)).Filled(Initializer, this, seed));

    /// <summary>Segment 0 for each step.</summary>
    private static Tensor First(Tensor x, Tape tape)
    {
        Tensor segments = tape.New(new Shape(x.Shape[0], x.Shape[1]), x.Layout);
        segments.Storage.Clear();
        return segments;
    }
}
