using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Adds a trained row to each step, by its place: y_t = x_t + p_t, p [maximum length, F] (Gehring et al. 2017, arXiv 1705.03122).</summary>
public sealed class PositionEmbedding : Layer
{
    internal const string KindName = "position_embedding";

    private Parameter? _table;

    /// <summary>An embedding of places; F follows from the first input's shape.</summary>
    /// <param name="maximumLength">How many places have a row: the longest sequence. At least 1.</param>
    /// <param name="initializer">First values; default <see cref="RandomUniform"/> within ±0.05, as <see cref="Embedding"/>'s.</param>
    /// <param name="name">Unique in its model; null for "position_embedding" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A length below 1.</exception>
    public PositionEmbedding(int maximumLength, Initializer? initializer = null, string? name = null)
        : base(name)
    {
        if (maximumLength < 1) throw new ArgumentOutOfRangeException(nameof(maximumLength), $"PositionEmbedding: expected a maximum length of at least 1, received {maximumLength}.");
        MaximumLength = maximumLength;
        Initializer = initializer ?? new RandomUniform();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>How many places have a row.</summary>
    public int MaximumLength { get; }

    /// <summary>First values.</summary>
    public Initializer Initializer { get; }

    /// <inheritdoc/>
    /// <remarks>A time axis may be longer than <see cref="MaximumLength"/>; a sequence may not.</remarks>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.RequireFeatures(this, input);
        return input;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A sequence longer than <see cref="MaximumLength"/>.</exception>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return AddPositionsOp.Of(pass.Tape, input, _table!, pass.FirstStep);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["maximum_length"] = MaximumLength;
        configuration["initializer"] = Initializer.Describe();
    }

    internal static PositionEmbedding FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new PositionEmbedding(settings.WholeNumber("maximum_length"), settings.Initializer("initializer"));
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed) =>
        _table = AddParameter(new Parameter("positions", new Shape(MaximumLength, input.Features)).Filled(Initializer, this, seed));
}
