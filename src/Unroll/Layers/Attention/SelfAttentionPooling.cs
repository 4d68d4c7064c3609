using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A sequence H [T, F] as a few weighted averages of its steps (Lin et al. 2017, arXiv 1703.03130, equations 6 and 7):
/// A = softmax(W₂ tanh(W₁ Hᵀ)) over the real steps, M = A H. [B, T, F] becomes [B, hops · F], hop after hop; a sequence of length 0
/// becomes zeros.
/// </summary>
public sealed class SelfAttentionPooling : MultipleInputLayer
{
    internal const string KindName = "self_attention_pooling";

    private readonly float _penalty;
    private Parameter? _kernel, _hopKernel;

    /// <summary>A pooling layer.</summary>
    /// <param name="units">The width of the tanh, d_a in the paper (350 there). At least 1.</param>
    /// <param name="hops">How many averages, r in the paper (30 there). At least 1.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count below 1.</exception>
    public SelfAttentionPooling(int units, int hops = 1, string? name = null)
        : base(name)
    {
        if (units < 1) throw new ArgumentOutOfRangeException(nameof(units), $"SelfAttentionPooling: expected at least 1 unit, received {units}.");
        if (hops < 1) throw new ArgumentOutOfRangeException(nameof(hops), $"SelfAttentionPooling: expected at least 1 hop, received {hops}.");
        (Units, Hops) = (units, hops);
    }

    /// <summary>The width of the tanh.</summary>
    public int Units { get; }

    /// <summary>How many averages.</summary>
    public int Hops { get; }

    /// <summary>
    /// What ‖A Aᵀ − I‖² costs in training, so that hops look at different steps (equation 8): the mean over the batch times this is
    /// added to the loss. Finite, at least 0; default 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, infinite or NaN.</exception>
    public float Penalty
    {
        get => _penalty;
        init => _penalty = PenaltyFactor.Checked(value, nameof(SelfAttentionPooling), nameof(Penalty));
    }

    /// <summary>Whether the weights A [B, hops, T] are a second output, which <c>OutputsOf</c> gives. Default false.</summary>
    public bool ReturnAttentionScores { get; init; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        Shape input = Single(inputs);
        return new Shape(input[0], Hops * input.Features);
    }

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass) => Pool(inputs, pass, out _);

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["units"] = Units;
        configuration["hops"] = Hops;
        if (Penalty > 0) configuration["penalty"] = Penalty;
        if (ReturnAttentionScores) configuration["return_attention_scores"] = true;
    }

    internal static SelfAttentionPooling FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new SelfAttentionPooling(settings.WholeNumber("units"), settings.WholeNumber("hops"))
        {
            Penalty = settings.OptionalNumber("penalty") ?? 0,
            ReturnAttentionScores = settings.FlagOrFalse("return_attention_scores"),
        };
    }

    internal override Shape[] OutputShapesOf(ReadOnlySpan<Shape> inputs)
    {
        Shape output = OutputShapeOf(inputs);
        return ReturnAttentionScores ? [output, new Shape(output[0], Hops, inputs[0][1])] : [output];
    }

    internal override void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, Pass pass)
    {
        outputs[0] = Pool(inputs, pass, out Tensor weights);
        if (ReturnAttentionScores) outputs[1] = weights;
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        int width = Single(inputs).Features;
        _kernel = AddParameter(new Parameter("kernel", new Shape(width, Units), new PanelLayout(width, 1, Units)).Filled(new GlorotUniform(), this, seed));
        _hopKernel = AddParameter(new Parameter("hop_kernel", new Shape(Hops, Units)).Filled(new GlorotUniform(), this, seed));
    }

    private Shape Single(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length != 1) throw new ArgumentException($"{Title}: expected one sequence, received {inputs.Length} inputs.", nameof(inputs));
        TimeAxis.Require(this, inputs[0], "Give it the output of a layer with returnSequences.");
        return inputs[0];
    }

    /// <summary>The hops are queries, the same for every sequence, and tanh(W₁ h) the keys of its steps.</summary>
    private Tensor Pool(ReadOnlySpan<Tensor> inputs, Pass pass, out Tensor weights)
    {
        Tape tape = pass.Tape;
        Tensor steps = inputs[0];
        EnsureBuilt(steps, pass);
        int batch = steps.Shape[0];
        Tensor keys = Activation.Tanh.Apply(tape, LinearOp.Of(tape, steps, _kernel!, null));
        Tensor hops = ReshapeOp.Stored(tape, ParameterOp.Of(tape, _hopKernel!), new Shape(Hops * Units), null);
        Tensor queries = ReshapeOp.Stored(tape, AddOp.Of(tape, pass.Zeros(batch, Hops * Units), hops), new Shape(batch, Hops, Units), null);
        weights = MaskedSoftmaxOp.Of(tape, AttentionScoresOp.Of(tape, queries, keys, 1f), keys);
        if (pass.Training && Penalty > 0 && batch > 0) tape.Penalize(Redundancy(weights, steps.Layout, pass));
        return ReshapeOp.Stored(tape, WeightedValuesOp.Of(tape, weights, steps), new Shape(batch, Hops * steps.Features), null);
    }

    /// <summary>The mean of ‖A Aᵀ − I‖² times the factor; nothing for a sequence of length 0.</summary>
    private unsafe Tensor Redundancy(Tensor weights, SequenceLayout? layout, Pass pass)
    {
        Tape tape = pass.Tape;
        int batch = weights.Shape[0];
        Tensor identity = pass.Zeros(1, Hops * Hops);
        for (int hop = 0; hop < Hops; hop++) tape.Read(identity)[hop * Hops + hop] = 1f;
        Tensor products = ReshapeOp.Stored(tape, AttentionScoresOp.Of(tape, weights, weights, 1f), new Shape(batch, Hops * Hops), null);
        Tensor difference = SubtractOp.Of(tape, products, identity);
        if (layout is not null)
        {
            float* isReal = tape.Scratch(batch);
            for (int b = 0; b < batch; b++) isReal[b] = layout.Lengths[b] > 0 ? 1f : 0f;
            difference = ScaleRowsOp.Of(tape, difference, isReal);
        }
        return ActivityPenaltyOp.Of(tape, difference, 0, (double)Penalty / batch);
    }
}
