using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Additive attention that knows where it looked before (Chorowski et al. 2015, arXiv 1506.07503, equations 8 and 9): a convolution over
/// the weights of the step before gives each key a few features f_j, and the score is vᵀ tanh(W_q q + W_k k_j + U f_j + b). Queries are
/// attended one after another; before the first there are no features. With <see cref="AdditiveScoreLayer.UseCoverage"/> the
/// convolution reads the sum of all earlier weights beside the last ones.
/// </summary>
public sealed class LocationAwareAttention : AdditiveScoreLayer
{
    internal const string KindName = "location_aware_attention";

    private Parameter? _locationKernel;

    /// <summary>A layer with a convolution over weights.</summary>
    /// <param name="units">U, the width in which queries and keys are compared. At least 1.</param>
    /// <param name="filters">How many features the convolution gives a key; 10 in the paper. At least 1.</param>
    /// <param name="kernelSize">How many keys a feature sees, centred on its own; zeros stand beyond both ends. At least 1.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count below 1.</exception>
    public LocationAwareAttention(int units, int filters, int kernelSize, string? name = null)
        : base(units, name) => (Filters, KernelSize) = (AtLeastOne(filters, nameof(filters)), AtLeastOne(kernelSize, nameof(kernelSize)));

    private LocationAwareAttention(LayerSettings settings)
        : base(settings) => (Filters, KernelSize) = (AtLeastOne(settings.WholeNumber("filters"), "filters"), AtLeastOne(settings.WholeNumber("kernel_size"), "kernel_size"));

    /// <summary>How many features the convolution gives a key.</summary>
    public int Filters { get; }

    /// <summary>How many keys a feature sees.</summary>
    public int KernelSize { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override bool LooksBack => true;

    /// <inheritdoc/>
    private protected override int FeatureCount => Filters;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["filters"] = Filters;
        configuration["kernel_size"] = KernelSize;
    }

    internal static LocationAwareAttention FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    private protected override Tensor Features(in AttentionMemory memory, Pass pass)
    {
        Tensor seen = WeightsAsStepsOp.Of(pass.Tape, memory.Previous, memory.Keys);
        if (UseCoverage) seen = ConcatenateOp.Of(pass.Tape, seen, WeightsAsStepsOp.Of(pass.Tape, memory.Total, memory.Keys));
        return StepConvolutionOp.Of(pass.Tape, seen, _locationKernel!);
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        base.CreateParameters(inputs, seed);
        int channels = UseCoverage ? 2 : 1;
        _locationKernel = AddParameter(new Parameter("location_kernel", new Shape(KernelSize, channels, Filters), new PanelLayout(KernelSize * channels, 1, Filters)).Filled(new GlorotUniform(), this, seed));
    }
}
