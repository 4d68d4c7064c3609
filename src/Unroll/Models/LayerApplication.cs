using Unroll.Layers;

namespace Unroll.Models;

/// <summary>Applies layers and models in a functional model; a layer that is applied more than once shares its weights.</summary>
public static class LayerApplication
{
    /// <summary>What the layer gives for these: <c>new Lstm(16).Of(x)</c>, <c>new Concatenate().Of(a, b)</c>.</summary>
    /// <param name="layer">The layer. It is built when a <see cref="Model"/> is made, if it is not built yet.</param>
    /// <param name="inputs">One, or several for a merging layer; for a recurrent layer also its input and then its initial state.</param>
    /// <exception cref="ArgumentException">Another number of inputs, or shapes that the layer cannot take.</exception>
    public static LayerOutput Of(this Layer layer, params ReadOnlySpan<LayerOutput> inputs) => One(layer, inputs);

    /// <summary>What a recurrent layer gives when it begins with a state, as a decoder does with its encoder's: <c>decoder.Of(y, state)</c>.</summary>
    /// <param name="layer">A recurrent layer, or <see cref="Bidirectional"/>.</param>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initialState">
    /// From <see cref="WithState"/>, or made by other layers: [B, H], and [B, H] for the cell state where there is one; of
    /// <see cref="Bidirectional"/> the forward state and then the backward one.
    /// </param>
    /// <exception cref="ArgumentException">Another layer, or shapes that do not fit.</exception>
    public static LayerOutput Of(this Layer layer, LayerOutput input, IReadOnlyList<LayerOutput> initialState) => WithState(layer, input, initialState).Output;

    /// <summary>What a recurrent layer gives, and the state with which it ends: after each sequence's last step read.</summary>
    /// <param name="layer">A recurrent layer, or <see cref="Bidirectional"/>.</param>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initialState">With what it begins; null for zeros, a trained or a carried state.</param>
    /// <exception cref="ArgumentException">Another layer, or shapes that do not fit.</exception>
    public static (LayerOutput Output, IReadOnlyList<LayerOutput> State) WithState(this Layer layer, LayerOutput input, IReadOnlyList<LayerOutput>? initialState = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(input);
        if (layer is not IStatefulLayer) throw new ArgumentException($"{layer.Title}: expected a recurrent layer, which has a state.", nameof(layer));
        IReadOnlyList<LayerOutput> outputs = Applied(layer, [input, .. initialState ?? []]);
        return (outputs[0], [.. outputs.Skip(1)]);
    }

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
        return Applied(model.AsLayer(), inputs);
    }

    /// <summary>All that a layer gives for these: of a layer with attention its output and, where it returns them, its weights.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">As for <see cref="Of(Layer, ReadOnlySpan{LayerOutput})"/>.</param>
    /// <exception cref="ArgumentException">Another number of inputs, or shapes that the layer cannot take.</exception>
    public static IReadOnlyList<LayerOutput> OutputsOf(this Layer layer, params ReadOnlySpan<LayerOutput> inputs) => Applied(layer, inputs);

    private static LayerOutput One(Layer layer, ReadOnlySpan<LayerOutput> inputs)
    {
        IReadOnlyList<LayerOutput> outputs = Applied(layer, inputs);
        return outputs.Count == 1 || layer is not ModelLayer
            ? outputs[0]
            : throw new ArgumentException($"{layer.Title}: expected a model of one output, found {outputs.Count}; take them with OutputsOf.", nameof(layer));
    }

    private static IReadOnlyList<LayerOutput> Applied(Layer layer, ReadOnlySpan<LayerOutput> inputs)
    {
        ArgumentNullException.ThrowIfNull(layer);
        foreach (LayerOutput input in inputs) ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        return new LayerCall(layer, inputs).Outputs;
    }
}
