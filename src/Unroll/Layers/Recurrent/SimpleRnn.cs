using System.Text.Json.Nodes;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;

namespace Unroll.Layers;

/// <summary>The simple recurrent layer (Elman 1990): h′ = φ(x W + h U + b).</summary>
public sealed class SimpleRnn : RecurrentLayer
{
    internal const string KindName = "simple_rnn";

    /// <summary>A simple recurrent layer of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="activation">φ, as an object or a Keras name: any but softmax. Default tanh.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">An activation of whole rows.</exception>
    public SimpleRnn(int units, Activation? activation = null, bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name) => Activation = CellActivations.OfNumbers(this, nameof(Activation), activation ?? Activation.Tanh);

    private SimpleRnn(LayerSettings settings)
        : base(settings) => Activation = CellActivations.OfNumbers(this, nameof(Activation), settings.Activation("activation"));

    /// <summary>φ.</summary>
    public Activation Activation { get; }

    internal static SimpleRnn FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell => Activation.NumberKind switch
    {
        ActivationKind.Tanh => RecurrentCell.SimpleTanh,
        ActivationKind.Relu => RecurrentCell.SimpleRelu,
        ActivationKind.Sigmoid => RecurrentCell.SimpleSigmoid,
        ActivationKind.Linear => RecurrentCell.SimpleLinear,
        _ => RecurrentCell.SimpleOther,
    };

    internal override CellOptions Form => new((ActivationKind)Activation.NumberKind!);

    internal override bool IsUsual => Cell != RecurrentCell.SimpleOther;

    internal override bool HasCandidate => false;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["activation"] = Activation.Name;
    }
}
