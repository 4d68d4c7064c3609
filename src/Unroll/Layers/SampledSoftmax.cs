using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Scalars;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A softmax over a large vocabulary whose training looks only at the targets and at S classes drawn for the step (Jean
/// et al. 2015): [B, …, H] becomes probabilities [B, …, V]. Class 0 is the most frequent, class V − 1 the rarest.
/// </summary>
/// <remarks>
/// <para>Candidates come with replacement from P(c) = log((c + 2)/(c + 1))/log(V + 1), which suits classes in order of
/// frequency (Zipf 1949). Each logit is lowered by log(S · P(c)), the expected number of times that its class is drawn, so
/// that the sampled loss leads to the full softmax; a candidate that is the row's own target is left out.</para>
/// <para>Draws depend on the seed, the layer's name and the step alone. Only rows of the weights that were looked at get
/// a gradient. Evaluation and <c>Predict</c> use every class. Train with <c>Loss.SampledSoftmax()</c>.</para>
/// </remarks>
public sealed class SampledSoftmax : Layer
{
    internal const string KindName = "sampled_softmax";

    private readonly Head _head;
    private Parameter? _kernel, _bias;
    private ulong _drawsName;

    /// <summary>A softmax over <paramref name="vocabulary"/> classes, trained on samples.</summary>
    /// <param name="vocabulary">V, at least 2.</param>
    /// <param name="samples">S, classes drawn for each step of training, shared by its rows; at least 1.</param>
    /// <param name="kernelInitializer">First values of the weights [V, H]; default <see cref="RandomUniform"/> within ±0.05.</param>
    /// <param name="name">Unique in its model; null for "sampled_softmax" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public SampledSoftmax(int vocabulary, int samples, Initializer? kernelInitializer = null, string? name = null)
        : base(name)
    {
        if (vocabulary < 2) throw new ArgumentOutOfRangeException(nameof(vocabulary), $"SampledSoftmax: expected at least 2 classes, received {vocabulary}.");
        if (samples < 1) throw new ArgumentOutOfRangeException(nameof(samples), $"SampledSoftmax: expected at least 1 sample, received {samples}.");
        Vocabulary = vocabulary;
        Samples = samples;
        KernelInitializer = kernelInitializer ?? new RandomUniform();
        _head = new Head(this);
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>V.</summary>
    public int Vocabulary { get; }

    /// <summary>S.</summary>
    public int Samples { get; }

    /// <summary>First values of the weights.</summary>
    public Initializer KernelInitializer { get; }

    /// <inheritdoc/>
    public override Activation? FinalActivation => _head;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank < 2 || input.Features == Shape.Unknown)
            throw new ArgumentException($"{Title}: expected input [batch, features] or [batch, time, features] with a known feature count, received {input}.", nameof(input));
        return input.With(-1, Vocabulary);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => _head.Apply(pass.Tape, ForwardBeforeActivation(input, pass));

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return OutputHeadOp.Of(pass.Tape, input, _head, pass.Training, new RandomStream(pass.Seed, _drawsName, pass.Step));
    }

    /// <summary>The candidates of a step: S classes from the log-uniform distribution.</summary>
    internal void Draw(in RandomStream draws, Span<float> candidates)
    {
        double log = ScalarMath.Log(Vocabulary + 1.0);
        for (int s = 0; s < candidates.Length; s++)
            candidates[s] = Math.Clamp((int)ScalarMath.Exp(draws.UniformDouble(s) * log) - 1, 0, Vocabulary - 1);
    }

    /// <summary>log(S · P(c)).</summary>
    internal float LogExpected(int index) =>
        (float)ScalarMath.Log(Samples * (ScalarMath.Log((index + 2.0) / (index + 1.0)) / ScalarMath.Log(Vocabulary + 1.0)));

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["vocabulary"] = Vocabulary;
        configuration["samples"] = Samples;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
    }

    internal static SampledSoftmax FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new SampledSoftmax(settings.WholeNumber("vocabulary"), settings.WholeNumber("samples"), settings.Initializer("kernel_initializer"));
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        _drawsName = RandomStream.HashName((Name.Length == 0 ? Kind : Name) + "/candidates");
        _kernel = AddParameter(new Parameter("kernel", new Shape(Vocabulary, input.Features)).Filled(KernelInitializer, this, seed));
        _bias = AddParameter(new Parameter("bias", new Shape(Vocabulary, 1)).Filled(new Zeros(), this, seed));
    }

    private sealed unsafe class Head(SampledSoftmax layer) : OutputHead(KindName)
    {
        public override int Classes => layer.Vocabulary;

        internal override Tensor Apply(Tape tape, Tensor x)
        {
            Tensor probabilities = SoftmaxOp.Of(tape, Logits(tape, x)), y = tape.New(x.Shape.With(-1, layer.Vocabulary), x.Layout);
            probabilities.Storage.CopyTo(y.Storage);
            return y;
        }

        public override Tensor Loss(Tape tape, Tensor features, int* labels, float* weights, double total)
        {
            bool sampled = features.Buffer.Mark.Training;
            Tensor logs = LogSoftmaxOp.Of(tape, sampled ? SampledLogits(tape, features, labels) : Logits(tape, features));
            int* places = labels;
            if (sampled)
            {
                places = (int*)tape.Scratch(features.Rows); // the target stands first in its row
                new Span<int>(places, features.Rows).Clear();
            }
            return WeightedMeanOp.Of(tape, PickOp.Of(tape, logs, places), weights, -total);
        }

        /// <summary>[rows, V].</summary>
        private Tensor Logits(Tape tape, Tensor x)
        {
            Tensor rows = SelectRowsOp.Of(tape, x, null, x.Rows);
            Tensor products = MatMulOp.Of(tape, rows, TransposeOp.Of(tape, ParameterOp.Of(tape, layer._kernel!)));
            return AddOp.Of(tape, products, ReshapeOp.Of(tape, ParameterOp.Of(tape, layer._bias!), new Shape(layer.Vocabulary)));
        }

        /// <summary>[rows, 1 + S]: the target's logit and the candidates', each lowered by its expected count.</summary>
        private Tensor SampledLogits(Tape tape, Tensor x, int* labels)
        {
            int count = x.Rows, samples = layer.Samples;
            Tensor rows = SelectRowsOp.Of(tape, x, null, count);
            Tensor candidates = tape.New(new Shape(samples)), targets = tape.New(new Shape(count)), ones = tape.New(new Shape(x.Features, 1));
            layer.Draw(x.Buffer.Mark.Draws, candidates.Storage);
            ones.Storage.Fill(1f);
            Tensor lowered = tape.New(new Shape(count, samples)), loweredTargets = tape.New(new Shape(count, 1));
            float* logCounts = tape.Scratch(samples);
            for (int s = 0; s < samples; s++) logCounts[s] = layer.LogExpected((int)candidates.Storage[s]);
            for (int r = 0; r < count; r++)
            {
                targets.Storage[r] = labels[r];
                loweredTargets.Storage[r] = -layer.LogExpected(labels[r]);
                for (int s = 0; s < samples; s++)
                    lowered.Storage[r * samples + s] = candidates.Storage[s] == labels[r] ? float.NegativeInfinity : -logCounts[s];
            }
            Tensor own = MatMulOp.Of(tape, MultiplyOp.Of(tape, rows, EmbeddingOp.Of(tape, targets, layer._kernel!)), ones);
            own = AddOp.Of(tape, AddOp.Of(tape, own, EmbeddingOp.Of(tape, targets, layer._bias!)), loweredTargets);
            Tensor others = MatMulOp.Of(tape, rows, TransposeOp.Of(tape, EmbeddingOp.Of(tape, candidates, layer._kernel!)));
            Tensor bias = ReshapeOp.Of(tape, EmbeddingOp.Of(tape, candidates, layer._bias!), new Shape(samples));
            others = AddOp.Of(tape, AddOp.Of(tape, others, bias), lowered);
            return ConcatenateOp.Of(tape, own, others);
        }
    }
}
