using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A layer with a gated way around it (Srivastava, Greff and Schmidhuber 2015, arXiv 1505.00387): y = t ⊙ f(x) + (1 − t) ⊙ x
/// with t = σ(x W + b). The two gates are coupled, as in the recurrent highway networks of Zilly et al. 2017 (arXiv 1607.03474).
/// </summary>
public sealed class Highway : CompositeLayer
{
    internal const string KindName = "highway";

    private Parameter? _gateKernel, _gateBias;

    /// <summary>A gated connection around a layer; several layers are a <see cref="Stack"/>.</summary>
    /// <param name="layer">f, not built yet, and in no other model; its output has its input's shape.</param>
    /// <param name="gateBias">Every first number of b, finite. Default −2, so that the input is carried on at first.</param>
    /// <param name="name">Unique in its model; null for "highway" …</param>
    /// <exception cref="ArgumentException">A layer that is built, or a bias that is not finite.</exception>
    public Highway(Layer layer, float gateBias = -2, string? name = null)
        : base([layer], name)
    {
        if (!float.IsFinite(gateBias))
            throw new ArgumentOutOfRangeException(nameof(gateBias), string.Create(CultureInfo.InvariantCulture, $"Highway: expected a finite gate bias, received {gateBias}."));
        GateBias = gateBias;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Every first number of b.</summary>
    public float GateBias { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        Shape output = Layers[0].OutputShapeOf(input);
        Residual.RequireSame(this, Layers[0], input, output, "Give the layer as many units as the input has features.");
        return output;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tape tape = pass.Tape;
        Tensor transformed = Layers[0].Forward(input, pass);
        Tensor gate = Activation.Sigmoid.Apply(tape, LinearOp.Of(tape, input, _gateKernel!, _gateBias));
        return AddOp.Of(tape, input, MultiplyOp.Of(tape, gate, SubtractOp.Of(tape, transformed, input)));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["gate_bias"] = GateBias;
    }

    internal static Highway FromConfiguration(JsonObject configuration) =>
        new(ReadLayer(KindName, configuration), new LayerSettings(KindName, configuration).Number("gate_bias"));

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        BuildInner(0, input, seed);
        int width = input.Features;
        _gateKernel = AddParameter(new Parameter("gate_kernel", new Shape(width, width), new PanelLayout(width, 1, width)).Filled(new GlorotUniform(), this, seed));
        _gateBias = AddParameter(new Parameter("gate_bias", new Shape(width), new PanelLayout(1, 1, width)).Filled(new Constant(GateBias), this, seed));
    }
}
