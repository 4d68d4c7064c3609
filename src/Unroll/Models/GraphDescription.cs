using System.Text.Json.Nodes;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>
/// The graph of a functional model as JSON: "inputs" (name and shape); "calls", each a layer's name and what it computes from; and
/// "outputs". What is computed from is a triple [name, call, output]: an input or a layer, which of the layer's calls, which of its
/// outputs. Calls come after those that they compute from.
/// </summary>
internal static class GraphDescription
{
    public static void Write(Model model, JsonObject description)
    {
        var inputs = new JsonArray();
        foreach ((LayerOutput input, string name) in model.Inputs.Zip(model.InputNames))
            inputs.Add((JsonNode)new JsonObject { ["name"] = name, ["shape"] = NetworkDescription.Described(input.Shape) });
        var calls = new JsonArray();
        foreach (LayerCall call in model.Calls)
            calls.Add((JsonNode)new JsonObject { ["layer"] = call.Layer!.Name, ["inputs"] = Places(model, call.Inputs) });
        description["inputs"] = inputs;
        description["calls"] = calls;
        description["outputs"] = Places(model, model.Outputs);
    }

    /// <exception cref="InvalidDataException">A name that nothing has, a cycle, or a part that is missing.</exception>
    /// <exception cref="ArgumentException">Shapes that do not fit, or a graph that is no model.</exception>
    public static Model Read(JsonObject description, IReadOnlyList<Layer> layers, ulong seed, string name)
    {
        var byName = new Dictionary<string, Layer>(StringComparer.Ordinal);
        foreach (Layer layer in layers)
            if (!byName.TryAdd(layer.Name, layer)) throw new InvalidDataException($"two layers are named '{layer.Name}'");
        var made = new Dictionary<string, List<LayerCall>>(StringComparer.Ordinal);
        var inputs = new List<LayerOutput>();
        foreach (JsonObject entry in Objects(description, "inputs"))
        {
            string inputName = NetworkDescription.Require(entry, "name").GetValue<string>();
            inputs.Add(Input.Of(NetworkDescription.ReadShape(NetworkDescription.Require(entry, "shape")), inputName));
            if (byName.ContainsKey(inputName) || !made.TryAdd(inputName, [inputs[^1].Call])) throw new InvalidDataException($"two inputs or layers are named '{inputName}'");
        }
        foreach (JsonObject entry in Objects(description, "calls"))
        {
            string layerName = NetworkDescription.Require(entry, "layer").GetValue<string>();
            if (!byName.TryGetValue(layerName, out Layer? layer)) throw new InvalidDataException($"a call names the layer '{layerName}'; there are {string.Join(", ", byName.Keys)}");
            LayerOutput[] from = [.. NetworkDescription.Require(entry, "inputs").AsArray().Select(place => Found(place, layerName))];
            if (from.Length == 0) throw new InvalidDataException($"a call of '{layerName}' computes from nothing; expected at least one input");
            if (!made.TryGetValue(layerName, out List<LayerCall>? calls)) made.Add(layerName, calls = []);
            calls.Add(new LayerCall(layer, from));
        }
        foreach (string layer in byName.Keys)
            if (!made.ContainsKey(layer)) throw new InvalidDataException($"the layer '{layer}' is never called");
        return new Model(inputs, [.. NetworkDescription.Require(description, "outputs").AsArray().Select(place => Found(place, "the model's outputs"))], seed, name);

        LayerOutput Found(JsonNode? place, string by)
        {
            if (place is not JsonArray { Count: 3 } parts || parts.Contains(null)) throw new InvalidDataException($"'{by}' computes from {place?.ToJsonString() ?? "null"}; expected [name, call, output]");
            (string from, int call, int output) = (parts[0]!.GetValue<string>(), parts[1]!.GetValue<int>(), parts[2]!.GetValue<int>());
            if (!made.TryGetValue(from, out List<LayerCall>? calls) || call >= calls.Count)
            {
                throw new InvalidDataException(byName.ContainsKey(from)
                    ? $"'{by}' computes from call {call} of '{from}', which is not computed before it: the graph has a cycle, or its calls are out of order"
                    : $"'{by}' computes from '{from}', which is neither an input nor a layer");
            }
            return call >= 0 && output >= 0 && output < calls[call].Outputs.Count
                ? calls[call].Outputs[output]
                : throw new InvalidDataException($"'{by}' computes from output {output} of call {call} of '{from}', which does not exist");
        }
    }

    private static JsonArray Places(Model model, IReadOnlyList<LayerOutput> outputs)
    {
        var places = new JsonArray();
        foreach (LayerOutput output in outputs)
        {
            (string name, int call) = model.CallOf(output);
            places.Add((JsonNode)new JsonArray(JsonValue.Create(name), JsonValue.Create(call), JsonValue.Create(output.Index)));
        }
        return places;
    }

    private static IEnumerable<JsonObject> Objects(JsonObject description, string key) =>
        NetworkDescription.Require(description, key).AsArray().Select(entry => (entry ?? throw new InvalidDataException($"an entry of '{key}' is null")).AsObject());
}
