using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;

namespace Unroll.Models;

/// <summary>
/// A model as one safetensors file. Metadata: "format", "format_version", "library_version"; "model" (name, seed, input
/// shape, layers with kind, name, trainable and configuration), "compile" (loss, optimiser, metrics) and "extras" as
/// JSON text. No time, host or path.
/// </summary>
internal static class ModelFile
{
    private const string Format = "unroll-model";
    private const string FormatVersion = "1";

    public static void Save(Sequential model, string path)
    {
        model.RequireBuilt("save");
        SafetensorsWriter.Write(path, [.. WeightFile.Tensors(model, "")], Metadata(model));
    }

    public static Sequential Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new ModelFileException($"'{file.Name}': expected a model of this library (metadata format '{Format}'), found {(format is null ? "no format" : ModelFileException.Quote(format))}. Weights of another library are read by Interop.");
        if (!file.Metadata.TryGetValue("format_version", out string? version) || version != FormatVersion)
            throw new ModelFileException($"'{file.Name}': expected format version {FormatVersion}, found {(version is null ? "none" : ModelFileException.Quote(version))}. The file was written by a newer version of this library; update it.");
        Sequential model;
        try
        {
            model = Read(Parse(file, "model"));
            if (file.Metadata.ContainsKey("extras")) model.SetExtras(Parse(file, "extras"));
            if (file.Metadata.ContainsKey("compile")) model.Compiled = ReadCompile(Parse(file, "compile"));
        }
        catch (Exception cause) when (cause is InvalidDataException or ArgumentException or InvalidOperationException or FormatException
            or JsonException or KeyNotFoundException or OverflowException)
        {
            throw new ModelFileException($"'{file.Name}': its description of the model cannot be used: {cause.Message}", cause);
        }
        WeightFile.Read(model, file, "");
        return model;
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(Sequential model)
    {
        yield return new("format", Format);
        yield return new("format_version", FormatVersion);
        yield return new("library_version", typeof(Sequential).Assembly.GetName().Version?.ToString(3) ?? "");
        yield return new("model", Describe(model).ToJsonString());
        if (model.Compiled is { } compiled) yield return new("compile", Describe(compiled).ToJsonString());
        if (model.Extras.Count > 0) yield return new("extras", model.Extras.ToJsonString());
    }

    private static JsonObject Describe(Sequential model)
    {
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
        var input = new JsonArray();
        Shape shape = model.InputShape!.Value;
        for (int i = 0; i < shape.Rank; i++) input.Add((JsonNode)JsonValue.Create(shape[i]));
        return new JsonObject { ["name"] = model.Name, ["seed"] = model.Seed, ["input_shape"] = input, ["layers"] = layers };
    }

    private static JsonObject Describe(CompileSettings compiled)
    {
        var metrics = new JsonArray();
        foreach (Metric metric in compiled.Metrics) metrics.Add((JsonNode)Describe(metric.Name, metric.Settings));
        var description = new JsonObject { ["loss"] = Describe(compiled.Loss.Name, compiled.Loss.Settings), ["metrics"] = metrics };
        if (compiled.Optimizer is { } optimizer)
            description["optimizer"] = new JsonObject { ["name"] = optimizer.Name, ["learning_rate"] = optimizer.LearningRate, ["weight_decay"] = optimizer.WeightDecay };
        return description;
    }

    private static JsonObject Parse(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? text) && JsonNode.Parse(text) is JsonObject parsed
            ? parsed
            : throw new InvalidDataException($"expected a JSON object as metadata '{key}', found {(text is null ? "none" : "something else")}");

    private static Sequential Read(JsonObject description)
    {
        int[] axes = [.. Require(description, "input_shape").AsArray().Select(axis => (axis ?? throw new InvalidDataException("an axis of 'input_shape' is null")).GetValue<int>())];
        var model = new Sequential(new Shape(axes), Require(description, "seed").GetValue<ulong>(), Require(description, "name").GetValue<string>());
        foreach (JsonNode? entry in Require(description, "layers").AsArray())
        {
            JsonObject layerDescription = (entry ?? throw new InvalidDataException("a layer is null")).AsObject();
            Layer layer = LayerCatalogue.Make(Require(layerDescription, "kind").GetValue<string>(), Require(layerDescription, "configuration").AsObject());
            layer.Name = Require(layerDescription, "name").GetValue<string>();
            layer.Trainable = Require(layerDescription, "trainable").GetValue<bool>();
            model.Add(layer);
        }
        return model;
    }

    /// <summary>A loss or metric; without settings where it is a user's own, which a file cannot make.</summary>
    private static JsonObject Describe(string name, JsonObject? settings)
    {
        var description = new JsonObject { ["name"] = name };
        if (settings is not null) description["settings"] = settings;
        return description;
    }

    /// <summary>Loss and metrics with their settings, so that a loaded model can be evaluated; none where one is a user's own.</summary>
    private static CompileSettings? ReadCompile(JsonObject description)
    {
        (string lossName, JsonObject? lossSettings) = NameAndSettings(Require(description, "loss"));
        if (lossSettings is null) return null;
        var metrics = new List<Metric>();
        foreach (JsonNode? entry in Require(description, "metrics").AsArray())
        {
            (string name, JsonObject? settings) = NameAndSettings(entry ?? throw new InvalidDataException("a metric is null"));
            if (settings is null) return null;
            metrics.Add(MetricSettings.Make(name, settings));
        }
        return new CompileSettings(null, LossSettings.Make(lossName, lossSettings), metrics);
    }

    private static (string Name, JsonObject? Settings) NameAndSettings(JsonNode entry)
    {
        JsonObject description = entry.AsObject();
        return (Require(description, "name").GetValue<string>(), description["settings"]?.AsObject());
    }

    private static JsonNode Require(JsonObject description, string key) =>
        description[key] ?? throw new InvalidDataException($"'{key}' is missing");
}
