using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A linear map of the last axis and an activation: y = f(x · W + b), with W [I, U] and b [U]. A sequence [B, T, I] is
/// mapped step by step to [B, T, U].
/// </summary>
public sealed class Dense : Layer
{
    internal const string KindName = "dense";

    private Parameter? _kernel, _bias;

    /// <summary>A dense layer; the number of inputs follows from the first input's shape.</summary>
    /// <param name="units">U, the width of the output. At least 1.</param>
    /// <param name="activation">f, as an object or a Keras name; default linear.</param>
    /// <param name="useBias">Whether b exists. Default true.</param>
    /// <param name="kernelInitializer">First values of W; default <see cref="GlorotUniform"/>.</param>
    /// <param name="biasInitializer">First values of b; default <see cref="Zeros"/>.</param>
    /// <param name="name">Unique in its model; null for "dense", "dense_1" …</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one unit.</exception>
    public Dense(
        int units, Activation? activation = null, bool useBias = true,
        Initializer? kernelInitializer = null, Initializer? biasInitializer = null, string? name = null)
        : base(name)
    {
        if (units < 1) throw new ArgumentOutOfRangeException(nameof(units), $"Dense: expected at least 1 unit, received {units}.");
        Units = units;
        Activation = activation ?? Activation.Linear;
        UseBias = useBias;
        KernelInitializer = kernelInitializer ?? new GlorotUniform();
        BiasInitializer = biasInitializer ?? new Zeros();
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>U, the width of the output.</summary>
    public int Units { get; }

    /// <summary>f, what follows the linear map.</summary>
    public Activation Activation { get; }

    /// <summary>Whether b exists.</summary>
    public bool UseBias { get; }

    /// <summary>First values of W.</summary>
    public Initializer KernelInitializer { get; }

    /// <summary>First values of b.</summary>
    public Initializer BiasInitializer { get; }

    /// <summary>What W costs in training, or null.</summary>
    public Regularizer? KernelRegularizer { get; init; }

    /// <summary>What b costs in training, or null.</summary>
    public Regularizer? BiasRegularizer { get; init; }

    /// <summary>Where W must lie, or null.</summary>
    public Constraint? KernelConstraint { get; init; }

    /// <summary>Where b must lie, or null.</summary>
    public Constraint? BiasConstraint { get; init; }

    /// <inheritdoc/>
    public override Activation? FinalActivation => Activation == Activation.Linear ? null : Activation;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank < 2 || input.Features == Shape.Unknown)
            throw new ArgumentException($"{Title}: expected input [batch, features] or [batch, time, features] with a known feature count, received {input}.", nameof(input));
        return input.With(-1, Units);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => Activation.Apply(pass.Tape, ForwardBeforeActivation(input, pass));

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return LinearOp.Of(pass.Tape, input, _kernel!, _bias);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["units"] = Units;
        configuration["activation"] = Activation.Name;
        configuration["use_bias"] = UseBias;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
        configuration["bias_initializer"] = BiasInitializer.Describe();
        ParameterRules.Write(configuration, "kernel_regularizer", KernelRegularizer);
        ParameterRules.Write(configuration, "bias_regularizer", BiasRegularizer);
        ParameterRules.Write(configuration, "kernel_constraint", KernelConstraint);
        ParameterRules.Write(configuration, "bias_constraint", BiasConstraint);
    }

    internal static Dense FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new Dense(
            settings.WholeNumber("units"), settings.Activation("activation"), settings.Flag("use_bias"),
            settings.Initializer("kernel_initializer"), settings.Initializer("bias_initializer"))
        {
            KernelRegularizer = settings.Regularizer("kernel_regularizer"),
            BiasRegularizer = settings.Regularizer("bias_regularizer"),
            KernelConstraint = settings.Constraint("kernel_constraint"),
            BiasConstraint = settings.Constraint("bias_constraint"),
        };
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        int inputs = input.Features;
        _kernel = AddParameter(new Parameter("kernel", new Shape(inputs, Units), new PanelLayout(inputs, 1, Units)).Filled(KernelInitializer, this, seed));
        _kernel.Ruled(KernelRegularizer, KernelConstraint, this);
        ParameterRules.RequireBias(UseBias, BiasRegularizer, BiasConstraint, this);
        if (!UseBias) return;
        _bias = AddParameter(new Parameter("bias", new Shape(Units), new PanelLayout(1, 1, Units)).Filled(BiasInitializer, this, seed));
        _bias.Ruled(BiasRegularizer, BiasConstraint, this);
    }
}
