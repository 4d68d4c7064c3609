using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>An activation as a layer of its own: Keras's <c>Activation</c>. Any shape; softmax works on the last axis.</summary>
public sealed class ActivationLayer : Layer
{
    internal const string KindName = "activation";

    /// <summary>An activation, as an object or a Keras name.</summary>
    /// <param name="activation">For example <see cref="Activation.Tanh"/> or <c>"tanh"</c>.</param>
    /// <param name="name">Unique in its model; null for "activation", "activation_1" …</param>
    public ActivationLayer(Activation activation, string? name = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(activation);
        Activation = activation;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>What is applied.</summary>
    public Activation Activation { get; }

    /// <inheritdoc/>
    public override Activation? FinalActivation => Activation == Activation.Linear ? null : Activation;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input) => input;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => Activation.Apply(pass.Tape, ForwardBeforeActivation(input, pass));

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return input;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["activation"] = Activation.Name;
    }

    internal static ActivationLayer FromConfiguration(JsonObject configuration) =>
        new(new LayerSettings(KindName, configuration).Activation("activation"));
}
