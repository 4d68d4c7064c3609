using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A layer made of layers, whose parameters are theirs under their names ("branch/dense/kernel"). Freezing it freezes
/// them all; one of them can also be frozen alone, before it is put in.
/// </summary>
public abstract class CompositeLayer : Layer
{
    private readonly Layer[] _layers;
    private readonly string[] _names;

    private protected CompositeLayer(IReadOnlyList<Layer> layers, string? name)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0) throw new ArgumentException($"{GetType().Name}: expected at least one layer, received none.", nameof(layers));
        _layers = [.. layers];
        _names = new string[_layers.Length];
        for (int i = 0; i < _layers.Length; i++)
        {
            Layer layer = _layers[i] ?? throw new ArgumentException($"{GetType().Name}: layer {i} is null.", nameof(layers));
            if (layer.IsBuilt) throw new ArgumentException($"{GetType().Name}: {layer.Title} is built already; give a new layer.", nameof(layers));
            if (Array.IndexOf(_layers, layer) < i) throw new ArgumentException($"{GetType().Name}: {layer.Title} is given twice; make another layer.", nameof(layers));
            if (layer.Name.Contains('/', StringComparison.Ordinal))
                throw new ArgumentException($"{GetType().Name}: '{layer.Name}' is in another layer, or has a '/' in its name, which separates layer from parameter.", nameof(layers));
            _names[i] = layer.Name.Length > 0 ? layer.Name : FreeName(layer.Kind, i);
            if (Array.IndexOf(_names, _names[i]) < i) throw new ArgumentException($"{GetType().Name}: two layers are named '{_names[i]}'.", nameof(layers));
        }
    }

    /// <summary>The layers in it, in the order given.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var layers = new JsonArray();
        for (int i = 0; i < _layers.Length; i++) layers.Add((JsonNode)LayerDescription.Of(_layers[i], _names[i]));
        configuration["layers"] = layers;
    }

    /// <summary>Makes the layers that <see cref="WriteConfiguration"/> wrote.</summary>
    internal static Layer[] ReadLayers(string kind, JsonObject configuration)
    {
        if (configuration["layers"] is not JsonArray entries) throw new InvalidDataException($"{kind}: expected a list 'layers'.");
        var layers = new Layer[entries.Count];
        for (int i = 0; i < layers.Length; i++) layers[i] = LayerDescription.Read(entries[i], $"{kind}: entry {i} of 'layers'");
        return layers;
    }

    /// <summary>As <see cref="ReadLayers"/>, for a layer around one other.</summary>
    internal static Layer ReadLayer(string kind, JsonObject configuration) => ReadLayers(kind, configuration) is [var layer]
        ? layer
        : throw new InvalidDataException($"{kind}: expected one layer in 'layers', found {configuration["layers"]!.AsArray().Count}.");

    /// <summary>Builds a layer under this one's name and takes its parameters over.</summary>
    private protected void BuildInner(int index, Shape input, ulong seed)
    {
        Layer layer = _layers[index];
        layer.Name = $"{Name}/{_names[index]}";
        layer.Build(input, seed);
        AddParametersOf(layer, _names[index]);
    }

    private string FreeName(string kind, int count)
    {
        string name = kind;
        for (int i = 1; Array.IndexOf(_names, name, 0, count) >= 0; i++) name = kind + "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return name;
    }
}
