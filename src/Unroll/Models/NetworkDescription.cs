using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>
/// A model without its weights, as JSON: name, seed and layers (kind, name, trainable, configuration); for layers in a row
/// the input's shape, for a functional model its graph (<see cref="GraphDescription"/>).
/// </summary>
internal static class NetworkDescription
{
    static NetworkDescription() => LayerCatalogue.MakeModel = ModelLayer.FromConfiguration; // models are above layers

    public static void Write(Network model, JsonObject description)
    {
        description["name"] = model.Name;
        description["seed"] = model.Seed;
        if (model is Sequential sequential) description["input_shape"] = Described(sequential.InputShape!.Value);
        var layers = new JsonArray();
        foreach (Layer layer in model.Layers)
        {
            var configuration = new JsonObject();
            layer.WriteConfiguration(configuration);
            layers.Add((JsonNode)new JsonObject
            {
                ["kind"] = layer.Kind,
                ["name"] = layer.Name,
                ["trainable"] = layer.Trainable,
                ["configuration"] = configuration,
            });
        }
        description["layers"] = layers;
        if (model is Model graph) GraphDescription.Write(graph, description);
    }

    /// <summary>Makes the model, with first weights.</summary>
    /// <exception cref="InvalidDataException">A part that is missing or of another kind.</exception>
    /// <exception cref="ArgumentException">Layers that cannot follow one another as described.</exception>
    public static Network Read(JsonObject description)
    {
        string name = Require(description, "name").GetValue<string>();
        ulong seed = Require(description, "seed").GetValue<ulong>();
        var layers = new List<Layer>();
        foreach (JsonNode? entry in Require(description, "layers").AsArray())
        {
            JsonObject layerDescription = (entry ?? throw new InvalidDataException("a layer is null")).AsObject();
            Layer layer = LayerCatalogue.Make(Require(layerDescription, "kind").GetValue<string>(), Require(layerDescription, "configuration").AsObject());
            layer.Name = Require(layerDescription, "name").GetValue<string>();
            layer.Trainable = Require(layerDescription, "trainable").GetValue<bool>();
            layers.Add(layer);
        }
        if (description.ContainsKey("calls"))
        {
            foreach (Layer layer in layers) layer.Connect(layers); // before shapes are asked for
            return GraphDescription.Read(description, layers, seed, name);
        }
        var model = new Sequential(ReadShape(Require(description, "input_shape")), seed, name);
        foreach (Layer layer in layers) model.Add(layer);
        return model;
    }

    public static JsonArray Described(Shape shape)
    {
        var axes = new JsonArray();
        for (int i = 0; i < shape.Rank; i++) axes.Add((JsonNode)JsonValue.Create(shape[i]));
        return axes;
    }

    public static Shape ReadShape(JsonNode axes)
    {
        int[] lengths = [.. axes.AsArray().Select(axis => (axis ?? throw new InvalidDataException("an axis of a shape is null")).GetValue<int>())];
        return new Shape(lengths);
    }

    public static JsonNode Require(JsonObject description, string key) =>
        description[key] ?? throw new InvalidDataException($"'{key}' is missing");
}
