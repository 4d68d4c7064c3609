using System.Text.Json.Nodes;

namespace Unroll.Layers;

/// <summary>How a layer within another stands in a file: kind, name, whether it is trained, and its settings.</summary>
internal static class LayerDescription
{
    /// <summary>What <see cref="Read"/> makes the layer of again.</summary>
    public static JsonObject Of(Layer layer, string name)
    {
        var configuration = new JsonObject();
        layer.WriteConfiguration(configuration);
        return new JsonObject
        {
            ["kind"] = layer.Kind,
            ["name"] = name,
            ["trainable"] = layer.Trainable,
            ["configuration"] = configuration,
        };
    }

    /// <summary>The layer that is described, not yet built.</summary>
    /// <exception cref="InvalidDataException">No description; the message begins with <paramref name="where"/>.</exception>
    public static Layer Read(JsonNode? description, string where)
    {
        if (description is not JsonObject entry || entry["configuration"] is not JsonObject configuration) throw new InvalidDataException($"{where} does not describe a layer.");
        Layer layer = LayerCatalogue.Make((string?)entry["kind"] ?? "", configuration);
        layer.Name = (string?)entry["name"] ?? "";
        layer.Trainable = (bool?)entry["trainable"] ?? true;
        return layer;
    }
}
