using Unroll.Layers;

namespace Unroll.Models;

/// <summary>Applies layers and models in a functional model; a layer that is applied more than once shares its weights.</summary>
public static class LayerApplication
{
    /// <summary>What the layer gives for these: <c>new Lstm(16).Of(x)</c>, <c>new Concatenate().Of(a, b)</c>.</summary>
    /// <param name="layer">The layer. It is built when a <see cref="Model"/> is made, if it is not built yet.</param>
    /// <param name="inputs">One, or several for a merging layer.</param>
    /// <exception cref="ArgumentException">Another number of inputs, or shapes that the layer cannot take.</exception>
    public static LayerOutput Of(this Layer layer, params ReadOnlySpan<LayerOutput> inputs) => One(layer, inputs);

    /// <summary>What a model gives for these, as a layer of another model: <c>encoder.Of(x)</c>.</summary>
    /// <param name="model">A model of one output.</param>
    /// <param name="inputs">One for each of its inputs.</param>
    /// <exception cref="ArgumentException">Several outputs, another number of inputs, or shapes that the model cannot take.</exception>
    public static LayerOutput Of(this Network model, params ReadOnlySpan<LayerOutput> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        return One(model.AsLayer(), inputs);
    }

    /// <summary>All that a model of several outputs gives for these, as a layer of another model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">One for each of its inputs.</param>
    /// <exception cref="ArgumentException">Another number of inputs, or shapes that the model cannot take.</exception>
    public static IReadOnlyList<LayerOutput> OutputsOf(this Network model, params ReadOnlySpan<LayerOutput> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new LayerCall(model.AsLayer(), inputs).Outputs;
    }

    private static LayerOutput One(Layer layer, ReadOnlySpan<LayerOutput> inputs)
    {
        ArgumentNullException.ThrowIfNull(layer);
        foreach (LayerOutput input in inputs) ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        IReadOnlyList<LayerOutput> outputs = new LayerCall(layer, inputs).Outputs;
        return outputs.Count == 1
            ? outputs[0]
            : throw new ArgumentException($"{layer.Title}: expected a model of one output, found {outputs.Count}; take them with OutputsOf.", nameof(layer));
    }
}
