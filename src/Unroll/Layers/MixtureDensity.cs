using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Mixtures;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A linear map to the parameters of a mixture of K normal densities over D numbers that are independent within a
/// component (Bishop 1994): [B, …, I] becomes [B, …, K(1 + 2D)], per row K logits of the weights, K·D means, K·D raw
/// scales, component after component; the scale (standard deviation) is softplus(raw) + 0.001.
/// </summary>
/// <remarks>Train with <c>Loss.MixtureDensity()</c>; read answers with <see cref="Mean"/>, <see cref="Variance"/> and <see cref="Sample"/>.</remarks>
public sealed class MixtureDensity : Layer
{
    internal const string KindName = "mixture_density";

    private Parameter? _kernel, _bias;

    /// <summary>A mixture density output; the number of inputs follows from the first input's shape.</summary>
    /// <param name="components">K, at least 1.</param>
    /// <param name="targets">D, numbers of a target. Default 1.</param>
    /// <param name="kernelInitializer">First values of the linear map; default <see cref="GlorotUniform"/>.</param>
    /// <param name="name">Unique in its model; null for "mixture_density" …</param>
    /// <exception cref="ArgumentOutOfRangeException">No component or no target.</exception>
    public MixtureDensity(int components, int targets = 1, Initializer? kernelInitializer = null, string? name = null)
        : base(name)
    {
        if (components < 1) throw new ArgumentOutOfRangeException(nameof(components), $"MixtureDensity: expected at least 1 component, received {components}.");
        if (targets < 1) throw new ArgumentOutOfRangeException(nameof(targets), $"MixtureDensity: expected at least 1 target, received {targets}.");
        Components = components;
        Targets = targets;
        KernelInitializer = kernelInitializer ?? new GlorotUniform();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>K.</summary>
    public int Components { get; }

    /// <summary>D.</summary>
    public int Targets { get; }

    /// <summary>First values of the linear map.</summary>
    public Initializer KernelInitializer { get; }

    private GaussianMixture Mixture => new(Components, Targets);

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank < 2 || input.Features == Shape.Unknown)
            throw new ArgumentException($"{Title}: expected input [batch, features] or [batch, time, features] with a known feature count, received {input}.", nameof(input));
        return input.With(-1, Mixture.Outputs);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return LinearOp.Of(pass.Tape, input, _kernel!, _bias);
    }

    /// <summary>Σ_k π_k μ_k for each row.</summary>
    /// <param name="outputs">[B, …, K(1 + 2D)] as the layer gives them, possibly with lengths.</param>
    /// <returns>[B, …, D] of its own memory, with the same lengths.</returns>
    /// <exception cref="ArgumentException">Outputs of another width.</exception>
    public unsafe Tensor Mean(Tensor outputs) => ByRow(outputs, (row, weights, _, target) =>
    {
        double mean = 0;
        for (int k = 0; k < Components; k++) mean += (double)weights[k] * row[Mixture.MeanIndex(k, target)];
        return mean;
    });

    /// <summary>Σ_k π_k (s_k² + (μ_k − mean)²) for each row.</summary>
    /// <param name="outputs">As for <see cref="Mean"/>.</param>
    /// <returns>[B, …, D] of its own memory, with the same lengths.</returns>
    /// <exception cref="ArgumentException">Outputs of another width.</exception>
    public unsafe Tensor Variance(Tensor outputs) => ByRow(outputs, (row, weights, _, target) =>
    {
        double mean = 0, variance = 0;
        for (int k = 0; k < Components; k++) mean += (double)weights[k] * row[Mixture.MeanIndex(k, target)];
        for (int k = 0; k < Components; k++)
        {
            double scale = Mixture.Scale(row, k, target), distance = row[Mixture.MeanIndex(k, target)] - mean;
            variance += weights[k] * (scale * scale + distance * distance);
        }
        return variance;
    });

    /// <summary>One draw from each row's mixture: the same for equal seed, step and place in the batch.</summary>
    /// <param name="outputs">As for <see cref="Mean"/>.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="step">Which draw, for several of one row. Default 0.</param>
    /// <returns>[B, …, D] of its own memory, with the same lengths.</returns>
    /// <exception cref="ArgumentException">Outputs of another width.</exception>
    public unsafe Tensor Sample(Tensor outputs, ulong seed, long step = 0)
    {
        RandomStream components = new RandomStream(seed, "mixture/component", step), normals = new(seed, "mixture/normal", step);
        return ByRow(outputs, (row, weights, index, target) =>
        {
            double left = components.UniformDouble(index);
            int k = 0;
            while (k < Components - 1 && (left -= weights[k]) >= 0) k++;
            return row[Mixture.MeanIndex(k, target)] + (double)Mixture.Scale(row, k, target) * RandomFill.Normal(in normals, index * Targets + target);
        });
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["components"] = Components;
        configuration["targets"] = Targets;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
    }

    internal static MixtureDensity FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new MixtureDensity(settings.WholeNumber("components"), settings.WholeNumber("targets"), settings.Initializer("kernel_initializer"));
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        int inputs = input.Features, outputs = Mixture.Outputs;
        _kernel = AddParameter(new Parameter("kernel", new Shape(inputs, outputs), new PanelLayout(inputs, 1, outputs)).Filled(KernelInitializer, this, seed));
        _bias = AddParameter(new Parameter("bias", new Shape(outputs), new PanelLayout(1, 1, outputs)).Filled(new Zeros(), this, seed));
    }

    /// <summary>A number from a row of outputs, its components' weights, its place and the target's index.</summary>
    private unsafe delegate double RowValue(float* row, float* weights, long index, int target);

    private unsafe Tensor ByRow(Tensor outputs, RowValue value)
    {
        Shape shape = outputs.Shape;
        if (shape.Rank < 2 || shape.Features != Mixture.Outputs)
            throw new ArgumentException($"{Title}: expected outputs [batch, …, {Mixture.Outputs}], received {shape}.", nameof(outputs));
        float[] dense = outputs.ToArray(), weights = new float[Components], values = new float[dense.Length / Mixture.Outputs * Targets];
        int rows = dense.Length / Mixture.Outputs, rowsOfOne = shape[0] == 0 ? 1 : rows / shape[0];
        fixed (float* from = dense, weight = weights)
        {
            for (int r = 0; r < rows; r++)
            {
                float* row = from + (long)r * Mixture.Outputs;
                Mixture.Weights(row, weight);
                long index = SequenceDraws.First(r / rowsOfOne) + r % rowsOfOne;
                for (int d = 0; d < Targets; d++) values[r * Targets + d] = (float)value(row, weight, index, d);
            }
        }
        Span<int> axes = stackalloc int[shape.Rank];
        for (int i = 0; i < axes.Length; i++) axes[i] = i == axes.Length - 1 ? Targets : shape[i];
        Tensor result = Tensor.FromArray(values, axes);
        return outputs.Lengths.IsEmpty ? result : result.WithLengths(outputs.Lengths);
    }
}
