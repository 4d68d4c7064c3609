using System.Text.Json.Nodes;
using Unroll.Kernels.Recurrent;

namespace Unroll.Layers;

/// <summary>The simple recurrent layer (Elman 1990): h′ = φ(x W + h U + b).</summary>
public sealed class SimpleRnn : RecurrentLayer
{
    internal const string KindName = "simple_rnn";

    private static readonly (string Name, RecurrentCell Cell)[] s_activations =
    [
        ("tanh", RecurrentCell.SimpleTanh), ("relu", RecurrentCell.SimpleRelu),
        ("sigmoid", RecurrentCell.SimpleSigmoid), ("linear", RecurrentCell.SimpleLinear),
    ];

    /// <summary>A simple recurrent layer of the given width.</summary>
    /// <param name="units">H, at least 1.</param>
    /// <param name="activation">φ: tanh, relu, sigmoid or linear.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">Another activation.</exception>
    public SimpleRnn(int units, string activation = "tanh", bool returnSequences = false, string? name = null)
        : base(units, returnSequences, name)
    {
        (Activation, Cell) = Named(activation);
    }

    private SimpleRnn(LayerSettings settings)
        : base(settings) => (Activation, Cell) = Named(settings.Text("activation"));

    /// <summary>φ by name.</summary>
    public string Activation { get; }

    internal static SimpleRnn FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    /// <inheritdoc/>
    public override string Kind => KindName;

    internal override RecurrentCell Cell { get; }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["activation"] = Activation;
    }

    private static (string Name, RecurrentCell Cell) Named(string activation)
    {
        foreach ((string Name, RecurrentCell Cell) known in s_activations)
            if (known.Name == activation) return known;
        throw new ArgumentException($"SimpleRnn: activation '{activation}' is not one of {string.Join(", ", s_activations.Select(a => a.Name))}.", nameof(activation));
    }
}
